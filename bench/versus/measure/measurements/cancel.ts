// A burst of tasks, of which every second one is cancelled in the same turn: how long until all are settled?

import type { CancellableTask } from "../../contender.ts";
import { warmUp } from "../calibrate.ts";
import { check, openPool, timed, UnavailableError } from "../measurement.ts";
import type { Measurement } from "../measurement.ts";

export const cancel: Measurement = async (setting) => {
  const { workers, count, report } = setting;
  const pool = await openPool(setting);
  if (pool.cancellable === undefined) throw new UnavailableError("cannot cancel a task");
  const submit = pool.cancellable.bind(pool);
  await warmUp(pool, workers);
  let outcomes: PromiseSettledResult<unknown>[] = [];
  const took = await timed(async () => {
    const tasks: CancellableTask[] = [];
    for (let index = 0; index < count; index += 1) tasks.push(submit("increment", index));
    const settled = Promise.allSettled(tasks.map(({ result }) => result));
    for (let index = 1; index < count; index += 2) tasks[index]?.cancel();
    outcomes = await settled;
  });
  let cancelled = 0;
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === "fulfilled") check(outcome.value === index + 1, `${index} + 1`);
    else if (index % 2 === 1) cancelled += 1;
    else throw new Error(`Task ${index}, which nobody cancelled, is lost: ${String(outcome.reason)}`);
  }
  report("all settled", took);
  report("cancelled", cancelled / Math.floor(count / 2));
  return pool;
};
