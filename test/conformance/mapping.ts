// Rules 15 to 25: submit and map.

import assert from "node:assert/strict";
import { ExecutorShutdownError, TimeoutError } from "dure";
import { add, square, squareExcept, squareLater } from "../fixtures/arithmetic.js";
import { hold, holdIfGated } from "../fixtures/held.js";
import { isCollected } from "../garbage.js";
import { until } from "../gate.js";
import type { ConformanceCase } from "./rung.js";
import { withExecutor, withGate } from "./rung.js";

/** Counts what is read of it, and whether it was closed. */
class Naturals implements Iterable<number> {
  read = 0;
  isClosed = false;

  *[Symbol.iterator](): Generator<number> {
    try {
      for (;;) yield this.read++;
    } finally {
      this.isClosed = true;
    }
  }
}

async function* inTurns<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

const NUMBERS = Array.from({ length: 23 }, (_, n) => n);
const SQUARES = NUMBERS.map((n) => n * n);

export const mappingCases: readonly ConformanceCase[] = [
  {
    rule: "15",
    fact: "values equal the serial map, for every chunk size; zero or less throws",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 2 }, async (executor) => {
        assert.deepEqual(await executor.map(square, NUMBERS), SQUARES);
        for (const chunkSize of [1, 3, 6, NUMBERS.length, NUMBERS.length + 10]) {
          assert.deepEqual(await executor.map(square, NUMBERS, { chunkSize }), SQUARES, `chunkSize ${chunkSize}`);
          assert.deepEqual(await executor.map(squareLater, NUMBERS, { chunkSize, bufferSize: 7 }), SQUARES, `chunkSize ${chunkSize}, bounded`);
        }
        for (const chunkSize of [0, -1, 1.5]) assert.throws(() => executor.map(square, NUMBERS, { chunkSize }), RangeError);
      }),
  },
  {
    rule: "15",
    fact: "the same values from an async input, iterated over, unordered, by starmap and by a closure",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 2 }, async (executor) => {
        assert.deepEqual(await executor.map(square, inTurns(NUMBERS)), SQUARES);
        const streamed: number[] = [];
        for await (const value of executor.map(square, inTurns(NUMBERS), { bufferSize: 3 })) streamed.push(value);
        assert.deepEqual(streamed, SQUARES);
        const unordered = await executor.map(square, NUMBERS, { ordered: false });
        assert.deepEqual(
          unordered.sort((a, b) => a - b),
          SQUARES,
        );
        const pairs = NUMBERS.map((n): [number, number] => [n, 2 * n]);
        assert.deepEqual(
          await executor.starmap(add, pairs),
          NUMBERS.map((n) => 3 * n),
        );
        const factor = 3;
        assert.deepEqual(
          await executor.map((n) => n * factor, NUMBERS),
          NUMBERS.map((n) => n * 3),
        );
      }),
  },
  {
    rule: "16",
    fact: "work starts without iterating",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const results = executor.map(holdIfGated, [[gate.folder, 1]] as const);
        await gate.begun(1);
        gate.open();
        assert.deepEqual(await results, [1]);
      }),
  },
  {
    rule: "17",
    fact: "an error surfaces at its own position, after the earlier results",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 2 }, async (executor) => {
        const seen: number[] = [];
        const iterate = async (): Promise<void> => {
          for await (const value of executor.map(
            squareExcept,
            NUMBERS.map((n) => [n, 5] as const),
          ))
            seen.push(value);
        };
        await assert.rejects(iterate, { name: "RangeError", message: "5 is not squared" });
        assert.deepEqual(seen, [0, 1, 4, 9, 16]);
        await assert.rejects(
          executor.map(
            squareExcept,
            NUMBERS.map((n) => [n, 5] as const),
          ),
          { message: "5 is not squared" },
        );
      }),
  },
  {
    rule: "17",
    fact: "with onError collect every outcome is given",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 2 }, async (executor) => {
        const outcomes = await executor.map(
          squareExcept,
          NUMBERS.map((n) => [n, 5] as const),
          { onError: "collect" },
        );
        assert.deepEqual(
          outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : (outcome.reason as Error).message)),
          SQUARES.map((value) => (value === 25 ? "5 is not squared" : value)),
        );
      }),
  },
  {
    rule: "18",
    fact: "a deadline counts from the call and cancels what has not started",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const held = executor.submit(hold, gate.folder);
        await gate.begun(1);
        const results = executor.map(hold, [gate.folder, gate.folder], { deadline: 5 });
        await assert.rejects(results, (error) => error instanceof TimeoutError && error.kind === "deadline");
        gate.open();
        await held;
        await executor.submit(square, 1);
        assert.equal(gate.count(), 1);
      }),
  },
  {
    rule: "18",
    fact: "timeout is per item",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
        await Promise.all([1, 2].map((n) => executor.submit(holdIfGated, [undefined, n] as const)));
        const outcomes = await executor.map(
          holdIfGated,
          [
            [undefined, 1],
            [gate.folder, 2],
            [undefined, 3],
          ] as const,
          { timeout: 500, onError: "collect" },
        );
        assert.deepEqual(
          outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : (outcome.reason as TimeoutError).kind)),
          [1, "run", 3],
        );
      }),
  },
  {
    rule: "19",
    fact: "closing the iterator cancels what has not started and closes the input",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const input = new Naturals();
        function* folders(): Generator<readonly [string | undefined, number]> {
          for (const n of input) yield [n === 0 ? undefined : gate.folder, n];
        }
        for await (const first of executor.map(holdIfGated, folders(), { bufferSize: 4 })) {
          assert.equal(first, 0);
          await gate.begun(1);
          break;
        }
        assert.equal(input.isClosed, true);
        gate.open();
        await executor.submit(square, 1);
        assert.equal(gate.count(), 1);
      }),
  },
  {
    rule: "20",
    fact: "a bounded map takes infinite and empty input and never has more than the bound outstanding",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 2 }, async (executor) => {
        const input = new Naturals();
        let handedOut = 0;
        for await (const value of executor.map(square, input, { bufferSize: 3 })) {
          assert.equal(value, handedOut * handedOut);
          handedOut += 1;
          assert.ok(input.read - handedOut <= 3, `${input.read} read and ${handedOut} handed out`);
          if (handedOut === 50) break;
        }
        assert.equal(input.isClosed, true);
        assert.deepEqual(await executor.map(square, [], { bufferSize: 3 }), []);
        await assert.rejects(executor.map(squareExcept, [[1, 1]] as const, { bufferSize: 1 }), { message: "1 is not squared" });
      }),
  },
  {
    rule: "20",
    fact: "an unbounded map reads an infinite input no further than it must",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 2 }, async (executor) => {
        const input = new Naturals();
        const stream = executor.map(square, input).stream();
        for (let n = 0; n < 200; n += 1) assert.equal((await stream.next()).value, n * n);
        assert.ok(input.read < 100_000);
        await stream.return?.();
      }),
  },
  {
    rule: "21",
    fact: "a bounded map that was partly consumed does not hold up a shutdown",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 2 }, async (executor) => {
        const stream = executor.map(square, new Naturals(), { bufferSize: 3 }).stream();
        assert.equal((await stream.next()).value, 0);
        await executor.shutdown();
        const rest: unknown[] = [];
        await assert.rejects(async () => {
          for await (const value of stream) rest.push(value);
        }, ExecutorShutdownError);
        assert.deepEqual(rest, [1, 4, 9]);
      }),
  },
  {
    rule: "22",
    fact: "results are not kept after they are yielded, nor arguments by their futures",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const stream = executor.map((n) => ({ n }), new Naturals(), { bufferSize: 2 }).stream();
        const yielded = await (async () => new WeakRef((await stream.next()).value as object))();
        assert.ok(await isCollected(yielded));
        await stream.return?.();
        const [future, argument] = await (async () => {
          const bulk = { bulk: new Array<number>(100).fill(1) };
          const submitted = executor.submit((value: object) => Object.keys(value).length, bulk);
          await submitted;
          return [submitted, new WeakRef(bulk)] as const;
        })();
        assert.ok(await isCollected(argument));
        assert.equal(await future, 1);
      }),
  },
  {
    rule: "23",
    fact: "unordered yields the fastest first",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
        const results: number[] = [];
        for await (const value of executor.map(
          holdIfGated,
          [
            [gate.folder, 1],
            [undefined, 2],
          ] as const,
          { ordered: false, chunkSize: 1 },
        )) {
          results.push(value);
          gate.open();
        }
        assert.deepEqual(results, [2, 1]);
      }),
  },
  {
    rule: "24",
    fact: "submit and map after shutdown have already failed with ExecutorShutdownError",
    run: async (rung) => {
      const executor = rung.open();
      await executor.submit(square, 2);
      await executor.shutdown();
      const future = executor.submit(square, 2);
      assert.equal(future.state, "failed");
      await assert.rejects(future, ExecutorShutdownError);
      await assert.rejects(executor.map(square, [1]), ExecutorShutdownError);
      assert.equal(executor.stats().state, "closed");
    },
  },
  {
    rule: "25",
    fact: "submitting from a done-callback works",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        let second: Promise<number> | undefined;
        executor.submit(square, 2).addDoneCallback(() => {
          second = executor.submit(square, 3);
        });
        await until(() => second !== undefined);
        assert.equal(await second, 9);
      }),
  },
  {
    rule: "submit",
    fact: "throws a TypeError for what is no function, and never runs a task inside the call",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        assert.throws(() => executor.submit(5 as never), { name: "TypeError", message: "Cannot submit the task: expected a function, got 5" });
        const future = executor.submit(square, 2);
        assert.equal(future.done(), false);
        assert.equal(await future, 4);
      }),
  },
  {
    rule: "submit",
    fact: "with() adds options, keeps those given before, and leaves the executor as it was",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        const view = executor.with({ label: "labelled" }).with({ timeout: 200 });
        await executor.submit(square, 1);
        await assert.rejects(view.submit(hold, gate.folder), (error) => error instanceof TimeoutError && error.kind === "run" && error.timeout === 200);
        assert.throws(() => executor.with({ timeout: -1 }), RangeError);
        assert.equal(await executor.submit(square, 2), 4);
      }),
  },
];
