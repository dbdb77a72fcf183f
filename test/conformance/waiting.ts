// Rules 9 to 14: wait and asCompleted.

import assert from "node:assert/strict";
import { asCompleted, wait } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { throwOrderError } from "../fixtures/failing.js";
import { hold } from "../fixtures/held.js";
import type { ConformanceCase } from "./rung.js";
import { withExecutor, withGate } from "./rung.js";

export const waitingCases: readonly ConformanceCase[] = [
  {
    rule: "9",
    fact: "duplicates count once",
    run: (rung) =>
      withExecutor(rung, {}, async (executor) => {
        const future = executor.submit(square, 2);
        const { done, notDone } = await wait([future, future]);
        assert.deepEqual([done.size, notDone.size], [1, 0]);
        let yielded = 0;
        for await (const _ of asCompleted([future, future])) yielded += 1;
        assert.equal(yielded, 1);
      }),
  },
  {
    rule: "10",
    fact: "FIRST_COMPLETED returns as soon as one ends, at once if one already has",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const quick = executor.submit(square, 2);
        const held = executor.submit(hold, gate.folder);
        const first = await wait([held, quick], { returnWhen: "FIRST_COMPLETED" });
        assert.deepEqual([[...first.done], [...first.notDone]], [[quick], [held]]);
        const again = await wait([held, quick], { returnWhen: "FIRST_COMPLETED" });
        assert.deepEqual([...again.done], [quick]);
      }),
  },
  {
    rule: "11",
    fact: "ALL_COMPLETED takes done, cancelled and failed futures alike",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const held = executor.submit(hold, gate.folder);
        const futures = [held, executor.submit(square, 2), executor.submit(throwOrderError, 1), executor.submit(square, 3)];
        futures[3]?.cancel();
        const waiting = wait(futures);
        gate.open();
        assert.deepEqual(
          [...(await waiting).done].map((future) => future.state),
          ["done", "done", "failed", "cancelled"],
        );
      }),
  },
  {
    rule: "11",
    fact: "FIRST_EXCEPTION returns as soon as one fails",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const failing = executor.submit(throwOrderError, 1);
        const held = executor.submit(hold, gate.folder);
        const { done, notDone } = await wait([held, failing], { returnWhen: "FIRST_EXCEPTION" });
        assert.deepEqual([[...done], [...notDone]], [[failing], [held]]);
      }),
  },
  {
    rule: "12",
    fact: "wait times out by returning a partition",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const quick = executor.submit(square, 2);
        await quick;
        const held = executor.submit(hold, gate.folder);
        const { done, notDone } = await wait([held, quick], { timeout: 5 });
        assert.deepEqual([[...done], [...notDone]], [[quick], [held]]);
        assert.equal(held.done(), false);
      }),
  },
  {
    rule: "13",
    fact: "asCompleted yields the finished ones first, then finishing order, of several executors",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, (executor, gate) =>
        withGate(rung, { maxWorkers: 1 }, async (other, otherGate) => {
          const finished = [other.submit(square, 2), executor.submit(square, 3)];
          await Promise.all(finished);
          const last = executor.submit(hold, gate.folder);
          const first = other.submit(hold, otherGate.folder);
          const order: unknown[] = [];
          for await (const { future, index } of asCompleted([last, ...finished, first])) {
            order.push(future);
            assert.equal([last, ...finished, first][index], future);
            if (order.length === 2) otherGate.open();
            if (order.length === 3) gate.open();
          }
          assert.deepEqual(order, [...finished, first, last]);
        }),
      ),
  },
  {
    rule: "13",
    fact: "asCompleted throws when its time is over",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const held = executor.submit(hold, gate.folder);
        const completed = asCompleted([held], { timeout: 5 });
        await assert.rejects(completed.next(), { code: "DURE_TIMEOUT", message: "1 (of 1) futures unfinished" });
        assert.equal(held.done(), false);
      }),
  },
  {
    rule: "14",
    fact: "of a hundred futures that end at once no wake-up is lost",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const held = executor.submit(hold, gate.folder);
        const futures = [held, ...Array.from({ length: 100 }, (_, n) => executor.submit(square, n))];
        const waiting = wait(futures);
        const completed = asCompleted(futures);
        gate.open();
        assert.equal((await waiting).done.size, 101);
        let yielded = 0;
        for await (const { future } of completed) if (future.done()) yielded += 1;
        assert.equal(yielded, 101);
      }),
  },
];
