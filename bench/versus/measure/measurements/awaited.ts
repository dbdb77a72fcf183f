// What one awaited empty task takes on a warm worker.

import { check, openPool, quantile, timed, warm } from "../measurement.ts";
import type { Measurement } from "../measurement.ts";

export const awaited: Measurement = async (setting) => {
  const { count, duration, report } = setting;
  const pool = await openPool(setting);
  const trip = async (index: number): Promise<void> => check((await pool.run("increment", index)) === index + 1, `${index} + 1`);
  await warm(duration, () => trip(1));
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) times.push(await timed(() => trip(index)));
  report("p50", quantile(times, 0.5));
  report("p99", quantile(times, 0.99));
  return pool;
};
