// Large buffers as arguments: the memory that they cross in is used again, and each task has its own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ProcessPoolExecutor, ThreadPoolExecutor, WorkerLostError, type Executor, type Future } from "dure";
import { hold } from "../../fixtures/held.js";
import { Gate } from "../../gate.ts";
import { checkFill, checkFillLate, exitWith } from "./fixtures/fills.js";

/** Of three sizes, so that memory of each is used again by others. */
const SIZES = [70_000, 300_000, 1_000_000];
const bytesOf = (task: number): Uint8Array => new Uint8Array(SIZES[task % SIZES.length] ?? 0).fill(task);

function submitOne(pool: Executor, task: number, signal: AbortSignal): Future<number> {
  if (task % 5 === 1) return pool.with({ signal }).submit(checkFillLate, bytesOf(task), task);
  if (task % 25 === 2) return pool.submit(exitWith, bytesOf(task));
  return pool.with({ retries: 2 }).submit(checkFillLate, bytesOf(task), task);
}

for (const Executor of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  test(`${Executor.name}: each of many tasks in a row, and at once, has the bytes that it was submitted with`, async () => {
    await using pool = new Executor({ maxWorkers: 2 });
    for (let task = 0; task < 60; task += 1) assert.equal(await pool.submit(checkFill, bytesOf(task), task), SIZES[task % SIZES.length]);
    const futures: Future<number>[] = [];
    for (let task = 0; task < 120; task += 1) {
      futures.push(pool.submit(checkFillLate, bytesOf(task), task));
      // Others go on meanwhile, and memory that is let go of too early is used for the next one.
      await turn();
    }
    assert.deepEqual(
      await Promise.all(futures),
      futures.map((_, task) => SIZES[task % SIZES.length]),
    );
  });

  test(`${Executor.name}: so has each after others were cancelled, aborted or lost with their worker, or are tried again`, async () => {
    const gate = new Gate();
    const pool = new Executor({ maxWorkers: 2, abortGrace: 0 });
    try {
      const held = [1, 2].map(() => pool.submit(hold, gate.folder));
      await gate.begun(2);
      const controller = new AbortController();
      const futures: Future<number>[] = [];
      for (let task = 0; task < 150; task += 1) {
        const future = submitOne(pool, task, controller.signal);
        futures.push(future);
        // Some fail before all have been submitted.
        void future.catch(() => {});
        if (task % 5 === 4) futures[task]?.cancel();
        if (task === 50) gate.open();
        await turn();
      }
      futures[90]?.addDoneCallback(() => controller.abort());
      await Promise.all(held);
      for (const [task, outcome] of (await Promise.allSettled(futures)).entries()) {
        if (outcome.status === "fulfilled") assert.equal(outcome.value, SIZES[task % SIZES.length]);
        else if (task % 25 === 2) assert.ok(outcome.reason instanceof WorkerLostError, String(outcome.reason));
        else assert.ok(task % 5 === 1 || futures[task]?.cancelled() === true, `${task}: ${String(outcome.reason)}`);
      }
    } finally {
      gate.open();
      await pool.terminate();
      gate.remove();
    }
  });
}
