// How many empty tasks a second: all submitted at once, through map, and as fresh closures.

import type { ContenderPool } from "../../contender.ts";
import { check, middle, openPool, timed, UnavailableError } from "../measurement.ts";
import type { Measurement, Setting } from "../measurement.ts";

const TURNS = 5;

export const submitAll: Measurement = (setting) =>
  throughput(setting, (pool) => (count) => Promise.all(Array.from({ length: count }, (_, index) => pool.run("increment", index))));

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

/** A first turn of a tenth to warm up, then as many as there is time for, one at least. */
async function throughput(setting: Setting, prepare: (pool: ContenderPool) => (count: number) => Promise<readonly unknown[]>): Promise<ContenderPool> {
  const { count, duration } = setting;
  const pool = await openPool(setting);
  const submit = prepare(pool);
  checkIncremented(await submit(Math.ceil(count / 10)), Math.ceil(count / 10));
  const times: number[] = [];
  for (let spent = 0; times.length === 0 || (times.length < TURNS && spent < duration); spent += times.at(-1) ?? 0) {
    let results: readonly unknown[] = [];
    times.push(await timed(async () => void (results = await submit(count))));
    checkIncremented(results, count);
  }
  setting.report("tasks/s", (count / middle(times)) * 1000);
  return pool;
}

function checkIncremented(results: readonly unknown[], count: number): void {
  check(results.length === count, `${results.length} results of ${count}`);
  for (const [index, value] of results.entries()) check(value === index + 1, `${String(value)} for ${index} + 1`);
}
