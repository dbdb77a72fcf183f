// Real workers, which hold outcomes of short tasks back, when a call takes long of a function whose calls never did.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProcessPoolExecutor, ThreadPoolExecutor, type Executor } from "dure";
import { holdBusilyIfGated } from "../fixtures/held.js";
import { Gate } from "../gate.js";

const POOLS: readonly [name: string, open: () => Executor][] = [
  ["threads", () => new ThreadPoolExecutor({ maxWorkers: 1 })],
  ["processes", () => new ProcessPoolExecutor({ maxWorkers: 1 })],
];

/** So many calls make the function known as a short one. */
const KNOWN = 1_000;

for (const [name, open] of POOLS) {
  test(`${name}: outcomes of short tasks are told while one runs behind them that takes long for once`, async () => {
    const gate = new Gate();
    const pool = open();
    try {
      await Promise.all(Array.from({ length: KNOWN }, (_, n) => pool.submit(holdBusilyIfGated<number>, [undefined, n])));
      const short = Array.from({ length: 100 }, (_, n) => pool.submit(holdBusilyIfGated<number>, [undefined, n]));
      const long = pool.submit(holdBusilyIfGated<number>, [gate.folder, -1]);
      assert.deepEqual(
        await Promise.all(short),
        Array.from(short, (_, n) => n),
      );
      assert.equal(long.done(), false);
      gate.open();
      assert.equal(await long, -1);
    } finally {
      await pool.terminate();
      gate.remove();
    }
  });
}
