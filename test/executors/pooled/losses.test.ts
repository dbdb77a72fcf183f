// Tasks and initializers that take workers down again and again, on the rungs with workers of their own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokenExecutorError, ProcessPoolExecutor, ThreadPoolExecutor, WorkerLostError, WorkerStartError } from "dure";
import { square } from "../../fixtures/arithmetic.js";
import { exitWith } from "../../fixtures/failing.js";
import { exitAtOnce } from "../../fixtures/worker-facts.js";

function throwLater(): never {
  throw new Error("nobody catches this");
}

for (const Executor of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  test(`${Executor.name}: a task that ends every worker is given up after three, is named, and disturbs no other`, async () => {
    await using pool = new Executor({ maxWorkers: 2 });
    const patient = pool.with({ retries: 1_000, label: "poison" });
    const poison = patient.submit(exitWith, 3);
    const others = Array.from({ length: 200 }, (_, n) => pool.submit(square, n));
    const error = await poison.exception();
    assert.ok(error instanceof WorkerLostError, String(error));
    assert.deepEqual([error.task, error.exitCode, poison.attempts], ["poison", 3, 3]);
    assert.match(error.message, /not tried again, as it has ended 3 workers/);
    assert.deepEqual(
      await Promise.all(others),
      others.map((_, n) => n * n),
    );
    assert.ok(others.every((future) => future.attempts === 1));
    assert.equal(pool.stats().workersLost, 3);
  });

  test(`${Executor.name}: a lost worker is an attempt, which the caller may judge`, async () => {
    await using pool = new Executor({ maxWorkers: 1 });
    const judged: unknown[] = [];
    const retries = { limit: 5, on: (error: unknown) => judged.push(error) < 2 };
    const future = pool.with({ retries }).submit(exitWith, 3);
    const error = await future.exception();
    assert.ok(error instanceof WorkerLostError);
    assert.deepEqual([judged.length, future.attempts], [2, 2]);
    assert.ok(judged.every((each) => each instanceof WorkerLostError));
  });

  test(`${Executor.name}: a task that puts something else in the place of process.exit() keeps no worker from ending`, async () => {
    await using pool = new Executor({ maxWorkers: 1 });
    await pool.submit(() => void (process.exit = (() => {}) as typeof process.exit));
    const failed = pool.submit(() => new Promise(() => setImmediate(throwLater)));
    // Its worker has to end with it, as what it has begun cannot be stopped otherwise.
    await assert.rejects(failed, { message: "nobody catches this" });
    assert.equal(await pool.submit(square, 2), 4);
    assert.equal(pool.stats().workersLost, 1);
  });

  test(`${Executor.name}: a task that breaks what every list is read by costs itself only`, async () => {
    await using pool = new Executor({ maxWorkers: 1, stderr: "ignore" });
    const breaking = pool.submit(() => {
      // oxlint-disable-next-line no-extend-native -- that is the subject.
      Array.prototype[Symbol.iterator] = () => {
        throw new Error("no list can be read");
      };
      return [1];
    });
    assert.ok((await breaking.exception()) instanceof WorkerLostError);
    assert.equal(await pool.submit(square, 2), 4);
  });

  test(`${Executor.name}: workers that end as they start are tried three times, and the cause is told`, async () => {
    const pool = new Executor({ maxWorkers: 1, initializer: exitAtOnce, stderr: "ignore" });
    const futures = [pool.submit(square, 1), pool.submit(square, 2)];
    for (const future of futures) {
      const error = await future.exception();
      assert.ok(error instanceof BrokenExecutorError, String(error));
      assert.ok(error.cause instanceof WorkerStartError);
      assert.match(error.message, /several attempts.*exit code 7/);
    }
    assert.equal(pool.stats().workersStarted, 3);
    assert.ok((await pool.submit(square, 3).exception()) instanceof BrokenExecutorError);
    await pool.shutdown();
  });
}
