// Real workers while the code that submits goes on without a turn of the event loop: they run tasks, and their outcomes arrive.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ProcessPoolExecutor, ThreadPoolExecutor, type Executor, type Future } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { giveBytes } from "../fixtures/large-values.js";
import { noteIn } from "./notes.js";

/** A worker that is given no more than it has at first does not come to the sixth. */
const MOST_UNHEARD = 3_000;

/** Should outcomes never arrive, this ends it. Workers answer within some thousands. */
const MOST = 1_000_000;

/**
 * Both have memory that they share with their workers; processes from the start, as they look at it. What is too large for it comes to
 * processes as an event, for which the code must end.
 */
const POOLS: readonly [name: string, open: () => Executor, mostAfterLarge: number][] = [
  ["threads", () => new ThreadPoolExecutor({ maxWorkers: 2 }), MOST],
  ["processes", () => new ProcessPoolExecutor({ maxWorkers: 2, spin: { worker: 0.01, caller: 0 } }), 5_000],
];

for (const [name, open, mostAfterLarge] of POOLS) {
  test(`${name}: tasks run and end while the code that submits them goes on, and nothing is called back before it ends`, async () => {
    const pool = open();
    try {
      await warmUp(pool);
      const futures: Future<number>[] = [];
      let called = 0;
      while (futures[0]?.done() !== true && futures.length < MOST) {
        futures.push(pool.submit(square, futures.length));
        if (futures.length === 2) futures[1]?.addDoneCallback(() => (called += 1));
      }
      assert.equal(futures[0]?.state, "done");
      assert.equal(called, 0);
      assert.deepEqual(
        await Promise.all(futures),
        futures.map((_, n) => n * n),
      );
      assert.equal(called, 1);
    } finally {
      await pool.terminate();
    }
  });

  test(`${name}: large results that arrive while the code that submits goes on are whole when it has ended`, async () => {
    const pool = open();
    try {
      await warmUp(pool);
      await pool.submit(giveBytes, 20_000);
      const large: Future<Uint8Array>[] = [];
      for (let n = 0; n < 1_000; n += 1) large.push(pool.submit(giveBytes, 20_000 + n));
      // On each worker it comes after some of them.
      const after = [pool.submit(square, 2), pool.submit(square, 3)];
      for (let n = 0; after.some((future) => !future.done()) && n < mostAfterLarge; n += 1) void pool.submit(square, n);
      if (mostAfterLarge === MOST) assert.equal(after[0]?.state, "done");
      assert.deepEqual(
        (await Promise.all(large)).map((bytes) => bytes.length),
        large.map((_, n) => 20_000 + n),
      );
    } finally {
      await pool.terminate();
    }
  });
}

test("processes: tasks go on while the code that submits them does, although nothing of them can be heard", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dure-"));
  const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  try {
    await pool.submit(noteIn, folder, "warm");
    const futures: Future<void>[] = [];
    while (!existsSync(join(folder, "5")) && futures.length < MOST_UNHEARD) {
      futures.push(pool.submit(noteIn, folder, String(futures.length)));
      // Longer than such a task takes, so that few are left when the sixth has been run.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3);
    }
    assert.equal(existsSync(join(folder, "5")), true);
    assert.equal(futures[0]?.done(), false);
    await Promise.all(futures);
    assert.equal(readdirSync(folder).length, futures.length + 1);
  } finally {
    await pool.terminate();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Until tasks are known to be short, and memory is open on both sides. */
async function warmUp(pool: Executor): Promise<void> {
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 20 }, (_, n) => pool.submit(square, n)));
}
