// Rules 36 to 44: failures of tasks and of workers.

import assert from "node:assert/strict";
import { BrokenExecutorError, SerializationError, WorkerLostError } from "dure";
import { square } from "../fixtures/arithmetic.js";
import {
  abortProcess,
  exhaustHeap,
  exitWith,
  killOwnProcess,
  overflowStack,
  rejectLater,
  rejectWithNothing,
  returnFunctionThatCannotCross,
  throwOrderError,
  throwProxy,
  throwSecretive,
  throwUndefined,
} from "../fixtures/failing.js";
import { hold } from "../fixtures/held.js";
import type { ConformanceCase } from "./rung.js";
import { withExecutor, withGate } from "./rung.js";

export const failureCases: readonly ConformanceCase[] = [
  {
    rule: "36",
    fact: "a worker that exits costs its running task only",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const before = executor.submit(square, 2);
        const lost = executor.submit(exitWith, 3);
        const after = Array.from({ length: 10 }, (_, n) => executor.submit(square, n));
        const error = await lost.exception();
        assert.ok(error instanceof WorkerLostError, String(error));
        assert.equal(await before, 4);
        assert.deepEqual(
          await Promise.all(after),
          after.map((_, n) => n * n),
        );
        assert.ok(after.every((future) => future.attempts === 1));
        assert.equal(executor.stats().workersLost, 1);
      }),
  },
  {
    rule: "36",
    fact: "of a batch only the running task is hit",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        await executor.map(square, [1, 2, 3]);
        const outcomes = await executor.map((n) => (n === 5 ? process.exit(1) : n), [1, 2, 3, 4, 5, 6, 7, 8, 9], { chunkSize: 9, onError: "collect" });
        assert.deepEqual(
          outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : outcome.reason instanceof WorkerLostError)),
          [1, 2, 3, 4, true, 6, 7, 8, 9],
        );
      }),
  },
  {
    rule: "36",
    fact: "with onWorkerDeath break every pending future fails with an error of its own, and so does what comes later",
    run: async (rung) => {
      const executor = rung.open({ maxWorkers: 1, onWorkerDeath: "break" });
      const futures = [executor.submit(exitWith, 3), executor.submit(square, 2), executor.submit(square, 3)];
      const errors = await Promise.all(futures.map((future) => future.exception()));
      assert.equal(new Set(errors).size, 3);
      const later = executor.submit(square, 4);
      assert.equal(later.state, "failed");
      for (const error of [...errors, await later.exception()]) {
        assert.ok(error instanceof BrokenExecutorError, String(error));
        assert.ok(error.cause instanceof WorkerLostError && error.cause.exitCode === 3, String(error.cause));
      }
      assert.equal(executor.stats().state, "broken");
      await executor.shutdown();
    },
  },
  {
    rule: "37",
    fact: "the error names the exit code, the task and the likely cause",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const error = await executor.with({ label: "nightly report" }).submit(exitWith, 3).exception();
        assert.ok(error instanceof WorkerLostError);
        assert.deepEqual([error.exitCode, error.likelyCause, error.task, error.workerIndex], [3, "process.exit", "nightly report", 0]);
        assert.match(error.message, /nightly report/);
      }),
  },
  {
    rule: "36",
    fact: "a task whose worker died is retried if asked",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const future = executor.with({ retries: 1 }).submit(exitWith, 3);
        assert.ok((await future.exception()) instanceof WorkerLostError);
        assert.equal(future.attempts, 2);
      }),
  },
  {
    rule: "38",
    fact: "an error while packing a task fails that future only",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const futures = [executor.submit(square, 2), executor.submit(square, new WeakMap() as never), executor.submit(square, 3)];
        assert.equal(futures[1]?.state, "failed");
        assert.ok((await futures[1]?.exception()) instanceof SerializationError);
        assert.deepEqual([await futures[0], await futures[2]], [4, 9]);
      }),
  },
  {
    rule: "39",
    fact: "an error while packing a result fails that future only",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const futures = [executor.submit(returnFunctionThatCannotCross), executor.submit(square, 3)];
        assert.ok((await futures[0]?.exception()) instanceof SerializationError);
        assert.equal(await futures[1], 9);
      }),
  },
  {
    rule: "40",
    fact: "the remote stack, the cause and the fields of an error arrive",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const error = (await executor.submit(throwOrderError, 8).exception()) as Error & { order?: number };
        assert.match(String(error.stack), /throwOrderError.*failing/);
        assert.equal((error.cause as Error).message, "the cause");
        assert.equal(error.order, 8);
      }),
  },
  {
    rule: "40",
    fact: "an error that cannot be rebuilt still arrives as an error, with its message and stack",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const error = (await executor.submit(throwSecretive, "cannot cross").exception()) as Error;
        assert.ok(error instanceof Error);
        assert.match(error.message, /cannot cross/);
        assert.match(String(error.stack), /throwSecretive.*failing/);
        assert.equal(await executor.submit(square, 2), 4);
      }),
  },
  {
    rule: "42",
    fact: "a task that kills its worker each time is given up",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const future = executor.with({ retries: 100 }).submit(exitWith, 3);
        assert.ok((await future.exception()) instanceof WorkerLostError);
        assert.equal(future.attempts, 3);
        assert.equal(await executor.submit(square, 2), 4);
      }),
  },
  {
    rule: "44",
    fact: "a rejection without a reason, a thrown undefined, and a stack overflow",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const [nothing, undefinedThrown, overflow, rejected] = await Promise.allSettled([
          executor.submit(rejectWithNothing),
          executor.submit(throwUndefined),
          executor.submit(overflowStack),
          executor.submit(rejectLater, "later"),
        ]);
        assert.deepEqual(nothing, { status: "rejected", reason: undefined });
        assert.deepEqual(undefinedThrown, { status: "rejected", reason: undefined });
        assert.ok(overflow.status === "rejected" && overflow.reason instanceof RangeError);
        assert.equal(rejected.status === "rejected" && (rejected.reason as Error).message, "later");
        assert.equal(await executor.submit(square, 2), 4);
      }),
  },
  {
    rule: "44",
    fact: "a thrown proxy is a failure of that task only",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const [outcome] = await Promise.allSettled([executor.submit(throwProxy)]);
        assert.equal(outcome?.status, "rejected");
        assert.equal(await executor.submit(square, 2), 4);
      }),
  },
  {
    rule: "44",
    fact: "process.abort() costs its task only",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1, stderr: "ignore" }, async (executor) => {
        // A thread may not abort the program, and its task learns so.
        const error = await executor.submit(abortProcess).exception();
        assert.ok(error instanceof WorkerLostError || /not supported in workers/.test(String(error)), String(error));
        assert.equal(await executor.submit(square, 2), 4);
      }),
  },
  {
    rule: "44",
    fact: "a full heap costs its task only, and is named",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1, stderr: "ignore", resourceLimits: { maxOldGenerationSizeMb: 32 } }, async (executor) => {
        const error = await executor.submit(exhaustHeap).exception();
        assert.ok(error instanceof WorkerLostError, String(error));
        assert.equal(error.likelyCause, "out of memory");
        assert.equal(await executor.submit(square, 2), 4);
      }),
  },
  {
    rule: "44",
    fact: "a killed process is named by its signal",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const error = await executor.submit(killOwnProcess).exception();
        assert.ok(error instanceof WorkerLostError);
        assert.equal(error.signal, "SIGKILL");
        assert.equal(await executor.submit(square, 2), 4);
      }),
  },
  {
    rule: "retries",
    fact: "a failing task is tried again as often as asked, with the attempt that it is",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const asked: unknown[] = [];
        const retries = { limit: 2, on: (error: unknown) => asked.push((error as Error).message) > 0 };
        const future = executor.with({ retries }).submit(rejectLater, "again");
        await assert.rejects(future, { message: "again" });
        assert.equal(future.attempts, 3);
        assert.deepEqual(asked.slice(0, 2), ["again", "again"]);
        gate.open();
        assert.equal(await executor.submit(hold, gate.folder, 1), 1);
      }),
  },
];
