// Rules 1 to 8: futures.

import assert from "node:assert/strict";
import { CancelledError, TimeoutError } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { throwOrderError } from "../fixtures/failing.js";
import { hold } from "../fixtures/held.js";
import type { ConformanceCase } from "./rung.js";
import { withExecutor, withGate } from "./rung.js";

export const futureCases: readonly ConformanceCase[] = [
  {
    rule: "1",
    fact: "six futures each answer cancelled, running and done rightly",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const done = executor.submit(square, 3);
        const failed = executor.submit(throwOrderError, 1);
        await Promise.allSettled([done, failed]);
        const running = executor.submit(hold, gate.folder);
        await gate.begun(1);
        const cancelled = executor.submit(square, 4);
        cancelled.cancel();
        const pending = executor.submit(square, 5);
        const cancelledAtOnce = executor.submit(square, 6);
        assert.equal(cancelledAtOnce.cancel(), true);
        const answers = [pending, running, cancelled, failed, done, cancelledAtOnce].map((f) => [f.state, f.cancelled(), f.running(), f.done()]);
        assert.deepEqual(answers, [
          ["pending", false, false, false],
          ["running", false, true, false],
          ["cancelled", true, false, true],
          ["failed", false, false, true],
          ["done", false, false, true],
          ["cancelled", true, false, true],
        ]);
        gate.open();
        assert.equal(await pending, 25);
      }),
  },
  {
    rule: "2",
    fact: "a cancel that fails changes nothing",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const running = executor.submit(hold, gate.folder, "held");
        await gate.begun(1);
        assert.equal(running.cancel(), false);
        assert.equal(running.state, "running");
        gate.open();
        assert.equal(await running, "held");
        assert.equal(running.cancel(), false);
        assert.equal(running.state, "done");
      }),
  },
  {
    rule: "3",
    fact: "result with timeout 0 times out, leaves the task alone, and otherwise settles as the task did",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const running = executor.submit(hold, gate.folder, 1);
        const pending = executor.submit(square, 2);
        await gate.begun(1);
        await assert.rejects(running.result({ timeout: 0 }), TimeoutError);
        await assert.rejects(pending.result({ timeout: 0 }), TimeoutError);
        const cancelled = executor.submit(square, 3);
        cancelled.cancel();
        await assert.rejects(cancelled.result({ timeout: 0 }), CancelledError);
        gate.open();
        assert.deepEqual([await running.result(), await pending.result({ timeout: 60_000 })], [1, 4]);
        assert.equal(await running.result({ timeout: 0 }), 1);
        const failed = executor.submit(throwOrderError, 1);
        const [first, second] = [await failed.result().catch((error: unknown) => error), await failed.result({ timeout: 0 }).catch((error: unknown) => error)];
        assert.ok(first instanceof Error);
        assert.equal(first, second);
      }),
  },
  {
    rule: "4",
    fact: "exception mirrors result, null on success",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        assert.equal(await executor.submit(square, 2).exception(), null);
        const failed = executor.submit(throwOrderError, 7);
        const error = await failed.exception();
        assert.ok(error instanceof Error && error.message === "Order 7 failed");
        assert.equal(await failed.catch((thrown: unknown) => thrown), error);
        const cancelled = executor.submit(square, 2);
        cancelled.cancel();
        await assert.rejects(cancelled.exception(), CancelledError);
      }),
  },
  {
    rule: "5",
    fact: "a waiter is woken by a later result, error or cancel",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const futures = [executor.submit(hold, gate.folder, "result"), executor.submit(throwOrderError, 1), executor.submit(square, 2)];
        const outcomes = Promise.all(futures.map((future) => future.exception({ timeout: 60_000 }).catch((error: unknown) => error)));
        await gate.begun(1);
        futures[2]?.cancel();
        gate.open();
        const [result, error, cancel] = await outcomes;
        assert.equal(result, null);
        assert.equal((error as Error).message, "Order 1 failed");
        assert.ok(cancel instanceof CancelledError);
      }),
  },
  {
    rule: "6",
    fact: "callbacks run in the order added, at once if already done, also on cancel, exactly once",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const calls: string[] = [];
        const future = executor.submit(square, 2);
        future.addDoneCallback((ended) => calls.push(`first ${ended.state}`));
        future.addDoneCallback((ended) => calls.push(`second ${ended.state}`));
        await future;
        future.addDoneCallback((ended) => calls.push(`third ${ended.state}`));
        const cancelled = executor.submit(square, 2);
        cancelled.addDoneCallback((ended) => calls.push(`fourth ${ended.state}`));
        cancelled.cancel();
        assert.deepEqual(calls, ["first done", "second done", "third done", "fourth cancelled"]);
      }),
  },
];
