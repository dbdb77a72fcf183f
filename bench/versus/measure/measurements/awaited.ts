// What one awaited empty task takes on a warm worker.

import { check, openPool, quantile, warm } from "../measurement.ts";
import type { Measurement } from "../measurement.ts";

export const awaited: Measurement = async (setting) => {
  const { count, duration, report } = setting;
  const pool = await openPool(setting);
  // Nothing but the task is timed: another function to wait for would take a tenth as long as the quickest.
  const trip = async (index: number): Promise<number> => {
    const begun = performance.now();
    const result = await pool.run("increment", index);
    const taken = performance.now() - begun;
    check(result === index + 1, `${index} + 1`);
    return taken;
  };
  await warm(duration, () => trip(1));
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) times.push(await trip(index));
  report("p50", quantile(times, 0.5));
  report("p99", quantile(times, 0.99));
  return pool;
};
