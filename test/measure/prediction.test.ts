import assert from "node:assert/strict";
import { test } from "node:test";
import { predictSeconds, scheduleSeconds, type Workload } from "#dure/measure/prediction.js";
import { spread } from "#dure/measure/sample.js";

const CORES = { count: 2, background: 4 };
const SERIAL = { count: 1, isParallel: false, haveOwnMemory: false };
const ASYNC = { count: 64, isParallel: false, haveOwnMemory: false };
const TWO_WORKERS = { count: 2, isParallel: true, haveOwnMemory: false };

function workload(items: number, cost: { computing?: number; waiting?: number; elsewhere?: number; elapsed?: number }, moveSecondsPerItem = 0): Workload {
  const { computing = 0, waiting = 0, elsewhere = 0 } = cost;
  const elapsed = cost.elapsed ?? computing + waiting;
  const sample = { durations: [elapsed], elapsed, computing, waiting, outrun: 0, elsewhere, together: { computing, elsewhere } };
  return { items, sample, moveSecondsPerItem };
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 0.001 * expected, `${actual}, not ${expected}`);
}

test("predictSeconds() halves computing on two workers, and not on the event loop", () => {
  const computes = workload(100, { computing: 0.01 });
  near(predictSeconds(computes, SERIAL, CORES), 1);
  near(predictSeconds(computes, ASYNC, CORES), 1);
  near(predictSeconds(computes, TWO_WORKERS, CORES), 0.5);
});

test("predictSeconds() lets workers that compute share the cores that there are", () => {
  near(predictSeconds(workload(100, { computing: 0.01 }), { ...TWO_WORKERS, count: 8 }, CORES), 0.5);
  near(predictSeconds(workload(100, { waiting: 0.01 }), { ...TWO_WORKERS, count: 10 }, CORES), 0.1);
});

test("predictSeconds() lets calls that wait be in progress together, as many as the rung has", () => {
  const waits = workload(128, { waiting: 0.05 });
  near(predictSeconds(waits, SERIAL, CORES), 6.4);
  near(predictSeconds(waits, ASYNC, CORES), 0.1);
  near(predictSeconds(waits, TWO_WORKERS, CORES), 3.2);
});

test("predictSeconds() bounds tiny calls by handing them over, on each rung", () => {
  const tiny = workload(1000, { computing: 1e-8 }, 1e-5);
  for (const lanes of [SERIAL, ASYNC, TWO_WORKERS]) near(predictSeconds(tiny, lanes, CORES), 0.01);
});

test("predictSeconds() counts the copying of large values between processes on both sides", () => {
  const large = workload(100, { computing: 0.001 }, 0.001);
  near(predictSeconds(large, TWO_WORKERS, CORES), 0.1);
  near(predictSeconds(large, { ...TWO_WORKERS, haveOwnMemory: true }, CORES), 0.15);
});

test("predictSeconds() gives no rung more than the cores that a function's other threads leave", () => {
  const beside = workload(100, { waiting: 0.01, elsewhere: 0.01 });
  near(predictSeconds(beside, ASYNC, CORES), 0.5);
  // Threads that wake one another share a core at times.
  near(predictSeconds(beside, TWO_WORKERS, CORES), 0.56);
});

test("predictSeconds() takes a call that blocks for one that holds its thread", () => {
  const blocks = workload(100, { elapsed: 0.01, computing: 0.001 });
  near(predictSeconds(blocks, ASYNC, CORES), 1);
  near(predictSeconds(blocks, TWO_WORKERS, CORES), 0.5);
});

test("scheduleSeconds() gives each call to the lane that is free first", () => {
  assert.equal(scheduleSeconds([1, 1, 1], 3, 2), 2);
  assert.equal(scheduleSeconds([3, 1, 1, 1], 4, 2), 3);
  assert.equal(scheduleSeconds([1, 1, 1, 3], 4, 2), 4);
  assert.equal(scheduleSeconds([], 0, 2), 0);
  near(scheduleSeconds([1], 100_000, 4), 25_000);
});

test("spread() gives each position once, and begins with positions that are far apart", () => {
  for (const count of [0, 1, 2, 3, 7, 8, 100]) {
    const order = spread(count);
    assert.deepEqual(
      order.toSorted((a, b) => a - b),
      Array.from({ length: count }, (_, index) => index),
    );
  }
  assert.deepEqual(spread(8), [0, 4, 2, 6, 1, 3, 5, 7]);
});
