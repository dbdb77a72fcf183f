// What a program waits until its first task has a result. The start of the program itself is not in it.

import { check } from "../measurement.ts";
import type { Measurement } from "../measurement.ts";

export const startUp: Measurement = async ({ load, workers, kind, report }) => {
  const begun = performance.now();
  const contender = await load();
  const imported = performance.now();
  const pool = await contender.open(workers, kind, { binary: false });
  const result = await pool.run("increment", 1);
  const finished = performance.now();
  check(result === 2, "1 + 1");
  report("import", imported - begun);
  report("first result", finished - begun);
  return pool;
};
