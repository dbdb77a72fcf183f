// What a task that waits takes of memory, beside its arguments: a program may have very many.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { hold } from "../fixtures/held.js";
import { Gate } from "../gate.js";
import { takeFootprint } from "./footprint.js";

const TASKS = 10_000;

for (const Executor of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  test(`${Executor.name}: 10,000 tasks that wait, and are awaited, take less than 1 KB each`, async () => {
    const gate = new Gate();
    const pool = new Executor({ maxWorkers: 1 });
    try {
      for (let round = 0; round < 10; round += 1) await Promise.all(Array.from({ length: 1000 }, (_, n) => pool.submit(square, n)));
      const held = pool.submit(hold, gate.folder);
      await gate.begun(1);
      const before = await takeFootprint([]);
      const results = Promise.all(Array.from({ length: TASKS }, (_, n) => pool.submit(square, n)));
      const after = await takeFootprint([]);
      assert.ok(pool.stats().queued >= TASKS - 1);
      const perTask = (after.heap - before.heap + after.buffers - before.buffers) / TASKS;
      assert.ok(perTask < 1000, `${perTask} bytes`);
      gate.open();
      await held;
      assert.equal((await results).at(-1), (TASKS - 1) ** 2);
    } finally {
      gate.open();
      await pool.terminate();
      gate.remove();
    }
  });
}
