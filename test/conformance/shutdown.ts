// Rules 8 and 50 to 57: shutdown, terminate, and the end of scopes.

import assert from "node:assert/strict";
import { CancelledError, ExecutorShutdownError } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { throwOrderError } from "../fixtures/failing.js";
import { hold, holdTwice } from "../fixtures/held.js";
import { Gate, until } from "../gate.js";
import type { ConformanceCase } from "./rung.js";
import { withExecutor, withGate } from "./rung.js";

export const shutdownCases: readonly ConformanceCase[] = [
  {
    rule: "50",
    fact: "shutdown is idempotent, and fifty queued tasks all finish",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 2 }, async (executor) => {
        const futures = Array.from({ length: 50 }, (_, n) => executor.submit(square, n));
        await Promise.all([executor.shutdown(), executor.shutdown()]);
        assert.ok(futures.every((future) => future.state === "done"));
        await executor.shutdown();
        await executor.terminate();
        assert.deepEqual([executor.stats().state, executor.stats().workers], ["closed", 0]);
      }),
  },
  {
    rule: "51",
    fact: "cancelPending cancels what has not started and lets the rest end: none is left undecided",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const running = executor.submit(hold, gate.folder, "held");
        await gate.begun(1);
        const pending = Array.from({ length: 20 }, (_, n) => executor.submit(square, n));
        const closed = executor.shutdown({ cancelPending: true });
        assert.ok(pending.every((future) => future.cancelled()));
        gate.open();
        await closed;
        assert.equal(await running, "held");
        for (const future of pending) await assert.rejects(future, CancelledError);
      }),
  },
  {
    rule: "51",
    fact: "a shutdown that is under way can be made urgent",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const running = executor.submit(hold, gate.folder, "held");
        await gate.begun(1);
        const pending = executor.submit(square, 2);
        const drained = executor.shutdown();
        const urgent = executor.shutdown({ cancelPending: true });
        assert.equal(pending.cancelled(), true);
        gate.open();
        await Promise.all([drained, urgent]);
        assert.equal(await running, "held");
      }),
  },
  {
    rule: "52",
    fact: "terminate stops running work for good, and what is not done fails with ExecutorShutdownError",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const futures = [executor.submit(holdTwice, gate.folder), executor.submit(hold, gate.folder)];
        await gate.begun(1);
        const errors = Promise.all(futures.map((future) => future.exception()));
        await executor.terminate();
        for (const error of await errors) assert.ok(error instanceof ExecutorShutdownError, String(error));
        assert.equal(executor.stats().workers, 0);
        // In this thread a task can only be told. What went on would be seen to, within the time.
        if (!rung.hasWorkers) await until(() => gate.told() === 1);
        gate.open();
        await new Promise((resolve) => setTimeout(resolve, 30));
        assert.equal(gate.count(), 1);
      }),
  },
  {
    rule: "52",
    fact: "futures that terminate fails and nobody awaits are no unhandled rejections",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        // The test runner takes an unhandled rejection for a failed test.
        void executor.submit(hold, gate.folder);
        void executor.submit(square, 2);
        await gate.begun(1);
        await executor.terminate();
        await new Promise((resolve) => setTimeout(resolve, 0));
      }),
  },
  {
    rule: "52",
    fact: "terminate and shutdown of an executor that never ran anything start nothing",
    run: async (rung) => {
      for (const end of ["terminate", "shutdown"] as const) {
        const executor = rung.open();
        await executor[end]();
        assert.equal(executor.stats().workersStarted, 0);
      }
    },
  },
  {
    rule: "56",
    fact: "await using drains on success and on throw",
    run: async (rung) => {
      const futures: Promise<unknown>[] = [];
      async function scope(fails: boolean): Promise<void> {
        await using executor = rung.open({ maxWorkers: 1 });
        for (let n = 0; n < 5; n += 1) futures.push(executor.submit(square, n));
        if (fails) throw new Error("left by a throw");
      }
      await scope(false);
      await assert.rejects(scope(true), { message: "left by a throw" });
      assert.deepEqual(await Promise.all(futures), [0, 1, 4, 9, 16, 0, 1, 4, 9, 16]);
    },
  },
  {
    rule: "56",
    fact: "await using with onDispose cancel cancels what is pending",
    run: async (rung) => {
      const gate = new Gate();
      try {
        const scope = async () => {
          await using executor = rung.open({ maxWorkers: 1, onDispose: "cancel" });
          const running = executor.submit(hold, gate.folder, "held");
          await gate.begun(1);
          const pending = executor.submit(square, 2);
          pending.addDoneCallback(() => gate.open());
          return [running, pending] as const;
        };
        const [running, pending] = await scope();
        assert.equal(await running, "held");
        assert.equal(pending.cancelled(), true);
      } finally {
        gate.open();
        gate.remove();
      }
    },
  },
  {
    rule: "8",
    fact: "a future that shutdown cancels is no unhandled rejection, and neither is a failure that wait has seen",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        // The test runner takes an unhandled rejection for a failed test.
        void executor.submit(hold, gate.folder);
        await gate.begun(1);
        void executor.submit(square, 2);
        const failing = executor.submit(throwOrderError, 2);
        const closed = executor.shutdown({ cancelPending: true });
        gate.open();
        await closed;
        assert.equal(failing.cancelled(), true);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }),
  },
];
