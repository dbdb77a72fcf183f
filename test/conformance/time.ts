// Rules 45 to 49: cancellation and time.

import assert from "node:assert/strict";
import { asCompleted, TimeoutError, wait, type Executor, type PoolOptions } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { triple } from "../fixtures/gated-module.js";
import { blockNatively, hold, holdBusily, holdUnaware, spinForever } from "../fixtures/held.js";
import { Gate } from "../gate.js";
import type { ConformanceCase, Rung } from "./rung.js";
import { withExecutor, withGate } from "./rung.js";

/** What it rejects with, however often it is asked. */
function reasonOf(promise: PromiseLike<unknown>): PromiseLike<unknown> {
  return promise.then(
    () => assert.fail("it did not reject"),
    (reason: unknown) => reason,
  );
}

/** One worker, which is not replaced however long it takes to see that its task is aborted: on a busy machine that may be long. */
function patient(rung: Rung): PoolOptions {
  return rung.hasWorkers ? { maxWorkers: 1, abortGrace: Infinity } : { maxWorkers: 1 };
}

/** Of a class that no worker knows, and nothing that could be sent in its place. */
class Untold {
  toString(): string {
    throw new Error("there is no text");
  }
}

/** Until so many milliseconds have passed on the pool's own clock: those of a task that waits behind what its only worker is at. */
async function passTime(executor: Executor, queueTimeout: number): Promise<void> {
  await assert.rejects(executor.with({ queueTimeout }).submit(square, 0), TimeoutError);
}

/** Runs `body` with an executor whose worker loads the module of `triple` only once the gate is open. */
async function withSlowModule(rung: Rung, body: (executor: Executor, gate: Gate) => Promise<void>): Promise<void> {
  const gate = new Gate();
  try {
    const env = { ...process.env, DURE_TEST_GATE: gate.folder };
    await withExecutor(rung, { maxWorkers: 1, env }, (executor) => body(executor, gate).finally(() => gate.open()));
  } finally {
    gate.remove();
  }
}

export const timeCases: readonly ConformanceCase[] = [
  {
    rule: "45",
    fact: "a signal aborts a pending task without running it",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const held = executor.submit(hold, gate.folder);
        await gate.begun(1);
        const controller = new AbortController();
        const pending = executor.with({ signal: controller.signal }).submit(hold, gate.folder);
        controller.abort();
        await assert.rejects(pending, { name: "AbortError" });
        gate.open();
        await held;
        assert.equal(gate.count(), 1);
      }),
  },
  {
    rule: "45",
    fact: "a running task sees its own signal abort, and its worker lives if it returns",
    run: (rung) =>
      withGate(rung, patient(rung), async (executor, gate) => {
        const controller = new AbortController();
        const running = executor.with({ signal: controller.signal }).submit(hold, gate.folder);
        await gate.begun(1);
        controller.abort(new Error("enough"));
        await assert.rejects(running, { message: "enough" });
        assert.equal(await executor.submit(square, 2), 4);
        assert.equal(executor.stats().workersStarted, 1);
      }),
  },
  {
    rule: "45",
    fact: "a running synchronous loop reads that it is aborted",
    run: (rung) =>
      withGate(rung, patient(rung), async (executor, gate) => {
        const controller = new AbortController();
        const running = executor.with({ signal: controller.signal }).submit(holdBusily, gate.folder);
        await gate.begun(1);
        controller.abort(new Error("enough"));
        await assert.rejects(running, { message: "enough" });
        assert.equal(await executor.submit(square, 2), 4);
        assert.equal(executor.stats().workersStarted, 1);
      }),
  },
  {
    rule: "45",
    fact: "a running task that ignores its signal is stopped with its worker, which is replaced",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const controller = new AbortController();
        const running = executor.with({ signal: controller.signal }).submit(spinForever, gate.folder);
        await gate.begun(1);
        controller.abort(new Error("enough"));
        await assert.rejects(running, { message: "enough" });
        assert.equal(await executor.submit(square, 2), 4);
        assert.equal(executor.stats().workersStarted, 2);
      }),
  },
  {
    rule: "45",
    fact: "abortGrace: for so long a running task that ignores its signal keeps its worker",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1, abortGrace: Infinity }, async (executor, gate) => {
        const controller = new AbortController();
        const running = executor.with({ signal: controller.signal }).submit(holdUnaware, gate.folder);
        await gate.begun(1);
        controller.abort(new Error("enough"));
        await assert.rejects(running, { message: "enough" });
        // Longer than the default.
        await passTime(executor, 200);
        gate.open();
        assert.equal(await executor.submit(square, 2), 4);
        assert.equal(executor.stats().workersStarted, 1);
      }),
  },
  {
    rule: "45",
    fact: "a worker that loads the module of an aborted task is kept, and goes on when it is through",
    run: (rung) =>
      withSlowModule(rung, async (executor, gate) => {
        const controller = new AbortController();
        const loading = executor.with({ signal: controller.signal }).submit(triple, 2);
        await gate.begun(1);
        // Longer than a running task would be given to stop.
        await passTime(executor, 150);
        controller.abort();
        await assert.rejects(loading, { name: "AbortError" });
        const next = executor.submit(square, 3);
        gate.open();
        assert.equal(await next, 9);
        assert.equal(executor.stats().workersStarted, 1);
      }),
  },
  {
    rule: "46",
    fact: "aborting one task disturbs no other",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
        const controller = new AbortController();
        const aborted = executor.with({ signal: controller.signal }).submit(hold, gate.folder, 1);
        const others = [executor.submit(hold, gate.folder, 2), executor.submit(square, 3)];
        await gate.begun(1);
        controller.abort();
        await assert.rejects(aborted, { name: "AbortError" });
        gate.open();
        assert.deepEqual(await Promise.all(others), [2, 9]);
      }),
  },
  {
    rule: "47",
    fact: "the rejection is the signal's own reason, of a pending task, a running one, and one submitted too late",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        for (const reason of [new Error("not wanted"), { why: "not wanted" }, "not wanted", null, new Untold()]) {
          const controller = new AbortController();
          const view = executor.with({ signal: controller.signal });
          const begun = gate.count();
          const futures = [view.submit(hold, gate.folder), view.submit(square, 2)];
          await gate.begun(begun + 1);
          controller.abort(reason);
          futures.push(view.submit(square, 3));
          for (const future of futures) {
            assert.equal(await reasonOf(future), reason);
            assert.equal(await reasonOf(future.result()), reason);
            assert.equal(await reasonOf(future.result({ timeout: 0 })), reason);
            assert.equal(await reasonOf(future.exception()), reason);
            assert.equal(future.cancelled(), true);
          }
        }
      }),
  },
  {
    rule: "47",
    fact: "the same reason is seen through wait and asCompleted",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const reason = { why: "not wanted" };
        const controller = new AbortController();
        const view = executor.with({ signal: controller.signal });
        const futures = [view.submit(hold, gate.folder), view.submit(square, 2)];
        const [waiting, completed] = [wait(futures), asCompleted(futures)];
        await gate.begun(1);
        controller.abort(reason);
        const { done } = await waiting;
        assert.deepEqual([...done], futures);
        for (const future of done) assert.equal(await reasonOf(future), reason);
        let yielded = 0;
        for await (const { future } of completed) {
          yielded += 1;
          assert.equal(await reasonOf(future), reason);
        }
        assert.equal(yielded, 2);
      }),
  },
  {
    rule: "47",
    fact: "a map rejects with the same reason, awaited, iterated over, or aborted before it began",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const reason = { why: "not wanted" };
        const controller = new AbortController();
        const { signal } = controller;
        const awaited = executor.map(hold, [gate.folder, gate.folder], { signal });
        const iterated = executor.map(square, [1, 2], { signal }).stream();
        const collected = executor.map(square, [1, 2], { signal, onError: "collect" });
        await gate.begun(1);
        controller.abort(reason);
        assert.equal(await reasonOf(awaited), reason);
        assert.equal(await reasonOf(iterated.next()), reason);
        for (const outcome of await collected) assert.equal(outcome.status === "rejected" && outcome.reason, reason);
        assert.equal(await reasonOf(executor.map(square, [1, 2], { signal })), reason);
        assert.equal(
          await reasonOf(
            executor
              .starmap(square, [[1]], { signal })
              .stream()
              .next(),
          ),
          reason,
        );
      }),
  },
  {
    rule: "48",
    fact: "timeout starts when the task starts, queueTimeout when it is submitted",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const held = executor.submit(hold, gate.folder, "held");
        await gate.begun(1);
        const patient = executor.with({ timeout: 60_000 }).submit(square, 2);
        const impatient = executor.with({ queueTimeout: 5 }).submit(square, 3);
        const bounded = executor.with({ deadline: 5 }).submit(square, 4);
        await assert.rejects(impatient, (error) => error instanceof TimeoutError && error.kind === "queue" && error.timeout === 5);
        await assert.rejects(bounded, (error) => error instanceof TimeoutError && error.kind === "deadline" && error.timeout === 5);
        gate.open();
        assert.deepEqual([await held, await patient], ["held", 4]);
      }),
  },
  {
    rule: "48",
    fact: "timeout does not count while the worker loads the task's module",
    run: (rung) =>
      withSlowModule(rung, async (executor, gate) => {
        await executor.submit(square, 1);
        const loading = executor.with({ timeout: 100 }).submit(triple, 4);
        await gate.begun(1);
        await passTime(executor, 200);
        gate.open();
        assert.equal(await loading, 12);
      }),
  },
  {
    rule: "48",
    fact: "a task that is out of time fails with TimeoutError, and its worker goes on",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        await executor.submit(square, 1);
        await assert.rejects(executor.with({ timeout: 20 }).submit(hold, gate.folder), (error) => error instanceof TimeoutError && error.kind === "run");
        assert.equal(await executor.submit(square, 2), 4);
      }),
  },
  {
    rule: "49",
    fact: "a task that is stuck in native code is out of time no later, and the pool lives",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        await executor.submit(square, 1);
        const stuck = executor.with({ timeout: 20 }).submit(blockNatively, gate.createPipe());
        assert.ok((await stuck.exception()) instanceof TimeoutError);
        assert.equal(await executor.submit(square, 2), 4);
        assert.equal(executor.stats().workersStarted, 2);
        // A process is killed. A thread ends when its call returns, and is counted until then.
        assert.equal(executor.stats().abandonedWorkers, executor.kind === "threads" ? 1 : 0);
      }),
  },
  {
    rule: "49",
    fact: "a task in a busy loop is stopped by its timeout, and the pool lives",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        await executor.submit(square, 1);
        await assert.rejects(executor.with({ timeout: 20 }).submit(spinForever, gate.folder), TimeoutError);
        assert.equal(await executor.submit(square, 2), 4);
      }),
  },
];
