// What a worker and a waiting task hold of memory.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ContenderPool } from "../../contender.ts";
import { stepsPerMillisecond, warmUp } from "../calibrate.ts";
import { check, openPool, pause, UnavailableError } from "../measurement.ts";
import type { Measurement, Setting } from "../measurement.ts";
import { memoryOfTree } from "../process-tree.ts";

export const memory: Measurement = async (setting) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const settle = async (): Promise<number> => {
    await pause(300);
    collect();
    collect();
    return memoryOfTree();
  };
  stepsPerMillisecond();
  const before = await settle();
  const pool = await openPool(setting);
  await warmUp(pool, setting.workers);
  setting.report("per worker", ((await settle()) - before) / setting.workers);
  setting.report("per queued task", await perQueuedTask(pool, setting, settle));
  return pool;
};

/** All workers are kept busy for so long that nothing of the queue begins before it was weighed. */
async function perQueuedTask(pool: ContenderPool, { workers, count, duration }: Setting, settle: () => Promise<number>): Promise<number> {
  const steps = Math.round(stepsPerMillisecond() * duration);
  const busy = Promise.all(Array.from({ length: workers }, () => pool.run("work", steps)));
  const before = await settle();
  let settled = 0;
  const tasks = Array.from({ length: count }, async (_, index) => {
    const value = await pool.run("increment", index);
    settled += 1;
    return value;
  });
  const after = await settle();
  if (settled === count) throw new UnavailableError("has no queue");
  if (settled > 0) throw new UnavailableError(`${settled} tasks ran although as many long ones as workers came first`);
  await busy;
  for (const [index, value] of (await Promise.all(tasks)).entries()) check(value === index + 1, `${index} + 1`);
  return (after - before) / count;
}
