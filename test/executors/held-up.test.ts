// The caller's own thread is held up while time limits pass: what workers did meanwhile counts as done in time.

import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { test } from "node:test";
import { ProcessPoolExecutor, ThreadPoolExecutor, type Executor } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { hold } from "../fixtures/held.js";
import { Gate } from "../gate.js";

/** Milliseconds, longer than an aborted task may take to return. */
const PAST_GRACE = 250;

const POOLS: readonly (readonly [name: string, open: () => Executor])[] = [
  ["threads", () => new ThreadPoolExecutor({ maxWorkers: 1 })],
  ["processes", () => new ProcessPoolExecutor({ maxWorkers: 1 })],
];

for (const [name, open] of POOLS) {
  test(`${name}: a worker that has returned in time is kept although the caller could not hear it before its grace was over`, async () => {
    const gate = new Gate();
    const pool = open();
    try {
      const controller = new AbortController();
      const aborted = assert.rejects(pool.with({ signal: controller.signal }).submit(hold, gate.folder), { message: "enough" });
      await gate.begun(1);
      // Timers come next, before anything that arrives from here on.
      await nextTurn();
      controller.abort(new Error("enough"));
      while (gate.told() === 0) pause(5);
      pause(PAST_GRACE);
      await aborted;
      assert.equal(await pool.submit(square, 2), 4);
      assert.equal(pool.stats().workersStarted, 1);
    } finally {
      gate.open();
      await pool.terminate();
      gate.remove();
    }
  });
}

/** Holds this thread up. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
