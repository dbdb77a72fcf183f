// Rules 27 to 35: workers. (Rule 26, options out of range, and 34, the number of cores, need no worker.)

import assert from "node:assert/strict";
import { BrokenExecutorError, ExecutorShutdownError, WorkerStartError } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { hold } from "../fixtures/held.js";
import { context, exitAtOnce, failToInitialise, remember, remembered, throwTextless, workerName } from "../fixtures/worker-facts.js";
import { until } from "../gate.js";
import type { ConformanceCase } from "./rung.js";
import { withExecutor, withGate } from "./rung.js";

/** Rejects with the reason of a pool that cannot start workers. */
function isStartFailure(error: unknown): boolean {
  return error instanceof WorkerStartError || error instanceof BrokenExecutorError;
}

/** All messages of an error and its causes. */
function messages(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${messages(error.cause)}` : "";
}

export const workerCases: readonly ConformanceCase[] = [
  {
    rule: "27",
    fact: "three tasks one after another use one worker, and none starts before the first",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 3 }, async (executor) => {
        assert.equal(executor.stats().workersStarted, 0);
        for (let n = 0; n < 3; n += 1) assert.equal(await executor.submit(square, n), n * n);
        assert.equal(executor.stats().workersStarted, 1);
      }),
  },
  {
    rule: "28",
    fact: "fifteen times as many blocked tasks as workers: exactly as many workers, no more",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
        const futures = Array.from({ length: 15 * rung.concurrency }, (_, n) => executor.submit(hold, gate.folder, n));
        await gate.begun(rung.concurrency);
        await until(() => futures.filter((future) => future.running()).length >= rung.concurrency);
        const { workers, running, queued } = executor.stats();
        assert.deepEqual([workers, running, queued], [rung.concurrency, rung.concurrency, 14 * rung.concurrency]);
        assert.equal(gate.count(), rung.concurrency);
        gate.open();
        assert.deepEqual(
          await Promise.all(futures),
          futures.map((_, n) => n),
        );
      }),
  },
  {
    rule: "29",
    fact: "the initializer runs before the first task in each worker",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2, initializer: remember, initargs: ["a", 1] }, async (executor, gate) => {
        const held = [executor.submit(hold, gate.folder), executor.submit(hold, gate.folder)];
        await gate.begun(2);
        gate.open();
        await Promise.all(held);
        for (let n = 0; n < 6; n += 1) assert.deepEqual(await executor.submit(remembered), [["a", 1]]);
      }),
  },
  {
    rule: "29",
    fact: "an initializer that fails: pending futures and later submits fail with the reason",
    run: async (rung) => {
      const executor = rung.open({ maxWorkers: 2, initializer: failToInitialise, initargs: ["no database"] });
      const futures = [executor.submit(square, 1), executor.submit(square, 2)];
      for (const future of futures) {
        const error = await future.exception();
        assert.ok(isStartFailure(error), String(error));
        assert.match(messages(error), /no database/);
      }
      const later = await executor.submit(square, 3).exception();
      assert.ok(isStartFailure(later), String(later));
      assert.match(messages(later), /no database/);
      assert.equal(executor.stats().state, "broken");
      await executor.shutdown();
    },
  },
  {
    rule: "29",
    fact: "an initializer that throws what has no text is a failure as any other",
    run: async (rung) => {
      const executor = rung.open({ maxWorkers: 1, initializer: throwTextless });
      const error = await executor.submit(square, 1).exception();
      assert.ok(isStartFailure(error), String(error));
      assert.match(messages(error), /cannot be told as text/);
      assert.equal(executor.stats().workersStarted, 1);
      await executor.shutdown();
    },
  },
  {
    rule: "30",
    fact: "maxTasksPerWorker: the same worker for n tasks, a new one after",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1, maxTasksPerWorker: 2 }, async (executor) => {
        const names: string[] = [];
        for (let n = 0; n < 6; n += 1) names.push(await executor.submit(workerName));
        assert.deepEqual(
          names.map((name) => names.indexOf(name)),
          [0, 0, 2, 2, 4, 4],
        );
      }),
  },
  {
    rule: "30",
    fact: "maxTasksPerWorker with a backlog queued",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 2, maxTasksPerWorker: 3 }, async (executor) => {
        const names = await Promise.all(Array.from({ length: 12 }, () => executor.submit(workerName)));
        const counts = new Map<string, number>();
        for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
        // The two that work at the end share what is left: either may leave some of its own unused.
        assert.ok(Math.max(...counts.values()) <= 3, [...counts.values()].join(", "));
        assert.ok(counts.size >= 4);
      }),
  },
  {
    rule: "31",
    fact: "no worker can be started: the futures fail with the reason after a bounded number of tries",
    run: async (rung) => {
      const executor = rung.open({ maxWorkers: 2, initializer: exitAtOnce, stderr: "ignore" });
      const futures = Array.from({ length: 5 }, (_, n) => executor.submit(square, n));
      for (const future of futures) {
        const error = await future.exception();
        assert.ok(isStartFailure(error), String(error));
      }
      assert.ok(executor.stats().workersStarted < 20);
      assert.ok(isStartFailure(await executor.submit(square, 1).exception()));
      await executor.shutdown();
    },
  },
  {
    rule: "32",
    fact: "idle workers leave, and the next submit revives one",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 2, idleTimeout: 1 }, async (executor) => {
        for (let round = 1; round <= 3; round += 1) {
          assert.equal(await executor.submit(square, round), round * round);
          await until(() => executor.stats().workers === 0);
        }
        assert.equal(executor.stats().workersStarted, 3);
      }),
  },
  {
    rule: "32",
    fact: "no task is lost while workers leave",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 2, idleTimeout: 0 }, async (executor) => {
        for (let n = 0; n < 20; n += 1) assert.equal(await executor.submit(square, n), n * n);
      }),
  },
  {
    rule: "33",
    fact: "a nested call never deadlocks the pool",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const sumOfSquares = async (n: number): Promise<number> => {
          if (n === 0) return 0;
          return (await executor.submit(square, n)) + (await executor.submit(sumOfSquares, n - 1));
        };
        assert.equal(await executor.submit(sumOfSquares, 4), 30);
      }),
  },
  {
    rule: "35",
    fact: "a task knows its label, attempt and worker",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const labelled = executor.with({ label: "the context" }).submit(context);
        assert.deepEqual(await labelled, { workerIndex: 0, attempt: 1, label: "the context", aborted: false });
        assert.deepEqual([labelled.worker?.index, labelled.attempts], [0, 1]);
        assert.deepEqual(((await executor.submit(context)) as { label: string }).label, "context");
      }),
  },
  {
    rule: "35",
    fact: "the executor's name appears in its errors",
    run: async (rung) => {
      const executor = rung.open({ name: "image pool" });
      await executor.shutdown();
      await assert.rejects(executor.submit(square, 1), (error) => error instanceof ExecutorShutdownError && error.message.includes("image pool"));
    },
  },
];
