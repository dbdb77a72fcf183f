// How many empty tasks a second: all submitted at once, through map, and as fresh closures.

import type { ContenderPool } from "../../contender.ts";
import { check, middle, openPool, timed, UnavailableError, warm } from "../measurement.ts";
import type { Measurement, Setting } from "../measurement.ts";

export const submitAll: Measurement = (setting) =>
  throughput(setting, (pool) => (count) => Promise.all(Array.from({ length: count }, (_, index) => pool.run("increment", index))), "a tenth at once");

export const map: Measurement = (setting) =>
  throughput(setting, (pool) => {
    if (pool.map === undefined) throw new UnavailableError("has no map");
    const mapItems = pool.map.bind(pool);
    return (count) =>
      mapItems(
        "increment",
        Array.from({ length: count }, (_, index) => index),
      );
  });

export const closures: Measurement = (setting) =>
  throughput(setting, (pool) => {
    if (pool.closure === undefined) throw new UnavailableError("takes no closures");
    const closure = pool.closure.bind(pool);
    return (count) => Promise.all(Array.from({ length: count }, (_, index) => closure(index, 1)));
  });

/** As many turns as there is time for, one at least, after half of that time to warm up. `tenths`: the column for turns of a tenth of the tasks. */
async function throughput(
  setting: Setting,
  prepare: (pool: ContenderPool) => (count: number) => Promise<readonly unknown[]>,
  tenths?: string,
): Promise<ContenderPool> {
  const { count, duration } = setting;
  const pool = await openPool(setting);
  const submit = prepare(pool);
  const tenth = Math.ceil(count / 10);
  await warm(duration / 2, async () => checkIncremented(await submit(tenth), tenth));
  if (tenths !== undefined) setting.report(tenths, await rateOf(submit, tenth, duration));
  setting.report("tasks/s", await rateOf(submit, count, duration));
  return pool;
}

async function rateOf(submit: (count: number) => Promise<readonly unknown[]>, count: number, duration: number): Promise<number> {
  const times: number[] = [];
  for (let spent = 0; times.length === 0 || spent < duration; spent += times.at(-1) ?? 0) {
    let results: readonly unknown[] = [];
    times.push(await timed(async () => void (results = await submit(count))));
    checkIncremented(results, count);
  }
  return (count / middle(times)) * 1000;
}

function checkIncremented(results: readonly unknown[], count: number): void {
  check(results.length === count, `${results.length} results of ${count}`);
  for (const [index, value] of results.entries()) check(value === index + 1, `${String(value)} for ${index} + 1`);
}
