import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Executor, ExecutorStats } from "dure";
import { compareRungs, describeError, repetitionsFor } from "#dure/measure/compare-rungs.js";
import { median } from "#dure/measure/time-rung.js";

type Call = (item: unknown) => unknown;

/** An executor that calls `around(fn)` in this thread, and notes what happened to it. */
function fakeExecutor(kind: string, events: string[], around: (fn: Call) => Call = (fn) => fn): Executor {
  const fake = {
    kind,
    maxWorkers: 2,
    stats: (): Partial<ExecutorStats> => ({ state: "open", workers: 2, idleWorkers: 2 }),
    submit: async (fn: Call, item: unknown): Promise<unknown> => fn(item),
    map: async (fn: Call, items: unknown[]): Promise<unknown[]> => Promise.all(items.map(around(fn))),
    terminate: async (): Promise<void> => {
      events.push(`${kind} terminated`);
    },
  };
  return fake as unknown as Executor;
}

function request(fn: Call, items: unknown[], open: (rung: string) => Executor): Parameters<typeof compareRungs>[0] {
  return {
    functionName: "fn",
    job: { fn, count: items.length, copyItems: () => structuredClone(items) },
    rungs: ["threads", "processes"],
    workers: 2,
    openExecutor: open,
  };
}

test("compareRungs() measures each rung on an executor of its own, serial first, and closes each", async () => {
  const events: string[] = [];
  const found = await compareRungs({
    ...request(
      async (item) => {
        await sleep(1);
        return item;
      },
      [1, 2],
      (rung) => fakeExecutor(rung, events),
    ),
    onRung: (rung) => events.push(rung),
  });
  assert.deepEqual(events, ["serial", "serial terminated", "threads", "threads terminated", "processes", "processes terminated"]);
  assert.deepEqual(
    found.runs.map((run) => [run.rung, run.completed && run.agrees]),
    [
      ["serial", true],
      ["threads", true],
      ["processes", true],
    ],
  );
  assert.ok(found.runs.every((run) => run.completed && run.seconds > 0 && run.startSeconds >= 0));
  assert.ok(found.repetitions >= 1);
});

test("compareRungs() does not take what the executor does around tiny calls for what they compute, however many they are", async () => {
  const slow = (fn: Call): Call => {
    return (item) => {
      for (const end = performance.now() + 0.02; performance.now() < end; );
      return fn(item);
    };
  };
  const found = await compareRungs({
    ...request(
      (item) => item,
      Array.from({ length: 6_000 }, (_, index) => index),
      (rung) => fakeExecutor(rung, [], slow),
    ),
    rungs: [],
  });
  // 20 µs around each, far less in it.
  assert.ok((found.baseline?.leverage.computeSecondsPerItem ?? 1) < 10e-6);
});

test("compareRungs() tells waiting from computing", async () => {
  const waits = await compareRungs(
    request(
      () => sleep(30),
      [1, 2],
      (rung) => fakeExecutor(rung, []),
    ),
  );
  assert.ok((waits.baseline?.timeUse.waiting ?? 0) > 0.5);
  const computes = await compareRungs(
    request(
      () => {
        let sum = 0;
        for (let i = 0; i < 5e6; i += 1) sum += Math.sqrt(i);
        return sum;
      },
      [1, 2],
      (rung) => fakeExecutor(rung, []),
    ),
  );
  assert.ok((computes.baseline?.timeUse.waiting ?? 1) < 0.5);
  assert.ok((computes.baseline?.leverage.computeSecondsPerItem ?? 0) > (waits.baseline?.leverage.computeSecondsPerItem ?? 1));
});

test("compareRungs() says which rung's results differ", async () => {
  const found = await compareRungs(
    request(
      (item) => item,
      [1, 2],
      (rung) => fakeExecutor(rung, [], (fn) => (item) => (rung === "threads" && fn.name !== "echo" ? 0 : fn(item))),
    ),
  );
  assert.deepEqual(
    found.runs.map((run) => run.completed && run.agrees),
    [true, false, true],
  );
});

test("compareRungs() makes a row of the error of a rung on which the function fails, and goes on", async () => {
  const events: string[] = [];
  const found = await compareRungs(
    request(
      (item) => item,
      [1],
      (rung) =>
        fakeExecutor(rung, events, (fn) => (item) => {
          if (rung === "threads") throw new TypeError("no\n  such luck");
          return fn(item);
        }),
    ),
  );
  assert.deepEqual(found.runs[1], { rung: "threads", completed: false, error: "TypeError: no such luck" });
  assert.equal(found.runs[2]?.completed, true);
  assert.ok(events.includes("threads terminated"));
});

test("compareRungs() goes on without a reference when the function fails serially", async () => {
  const found = await compareRungs(
    request(
      (item) => item,
      [1],
      (rung) =>
        fakeExecutor(rung, [], (fn) => (item) => {
          if (rung === "serial") throw new Error("no");
          return fn(item);
        }),
    ),
  );
  assert.deepEqual(found.runs[0], { rung: "serial", completed: false, error: "Error: no" });
  assert.deepEqual(
    found.runs.slice(1).map((run) => run.completed && run.agrees),
    [false, false],
  );
  assert.equal(found.baseline, undefined);
});

test("compareRungs() gives each run fresh items, so that a function that changes its argument is compared fairly", async () => {
  const sortInPlace = (item: unknown): unknown => (item as number[]).push((item as number[]).length);
  const found = await compareRungs(request(sortInPlace, [[3, 1], [2]], (rung) => fakeExecutor(rung, [])));
  assert.ok(found.runs.every((run) => run.completed && run.agrees));
});

test("compareRungs() sees that a function gives other results each time, even serially", async () => {
  let calls = 0;
  const found = await compareRungs(
    request(
      () => (calls += 1),
      [1, 2],
      (rung) => fakeExecutor(rung, []),
    ),
  );
  assert.equal(found.runs[0]?.completed === true && found.runs[0].agrees, false);
});

test("repetitionsFor() repeats short maps up to 25 times and long ones not at all", () => {
  assert.deepEqual([0, 0.05, 0.1, 0.2, 0.6, 100].map(repetitionsFor), [25, 10, 5, 3, 1, 1]);
});

test("median() takes the middle, or the mean of the two in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([7]), 7);
});

test("describeError() fits any thrown value on one line", () => {
  assert.equal(describeError(new RangeError("a\n b")), "RangeError: a b");
  assert.equal(describeError(undefined), "thrown: undefined");
});
