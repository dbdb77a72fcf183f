// Tasks that end in every way, at random, for a long time: every future settles as it must, and nothing grows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, ProcessPoolExecutor, ThreadPoolExecutor, TimeoutError, WorkerLostError } from "dure";
import { isLongForm, randomNumbers, SEED, SOAK_MS } from "../chaos.ts";
import { Future } from "#dure/contract/future.js";
import { FutureTask } from "#dure/pool/future-task.js";
import { ItemTask } from "#dure/pool/item-task.js";
import { PoolWorker } from "#dure/pool/pool-worker.js";
import { countOf, takeFootprint } from "./footprint.ts";
import { addOne, describe, exit, fail, killItself, spin, waitForEnd } from "./tasks.js";

const ROUNDS = isLongForm ? 400 : 3;
/** Rounds until whatever is made once has been made. */
const WARM_UP = isLongForm ? 20 : 2;
const TASKS = 150;
const MAPPED = 200;
/** Bytes by which the heap may grow, and for each task: what V8 notes of how code is used lies in the heap, too. */
const MOST_GROWTH = 2 ** 20;
const MOST_GROWTH_PER_TASK = 1;
/** Of these a pool that has been shut down may still know the last one, and no others. */
const OURS = [FutureTask, ItemTask, PoolWorker, Future];

type Pool = ThreadPoolExecutor | ProcessPoolExecutor;

/** A task, and whether its outcome is what it must be. */
interface Trial {
  readonly future: Future<unknown>;
  expects(outcome: PromiseSettledResult<unknown>): boolean;
}

const failsWith =
  (Class: abstract new (...args: never[]) => Error) =>
  (outcome: PromiseSettledResult<unknown>): boolean =>
    outcome.status === "rejected" && outcome.reason instanceof Class;

/** Each way to end, with how often it comes up. */
const WAYS: readonly (readonly [share: number, begin: (pool: Pool, n: number, common: AbortSignal) => Trial])[] = [
  [60, (pool, n) => ({ future: pool.submit(addOne, n), expects: (outcome) => outcome.status === "fulfilled" && outcome.value === n + 1 })],
  [20, (pool, n, signal) => ({ future: pool.with({ signal, retries: 1 }).submit(describe, n), expects: (outcome) => outcome.status === "fulfilled" })],
  [10, (pool, n) => ({ future: pool.with({ retries: { limit: n % 3, backoff: { initial: 2 } } }).submit(fail, n), expects: failsWith(RangeError) })],
  [4, cancelPending],
  [3, abortRunning],
  [1, (pool) => ({ future: pool.with({ timeout: 5 }).submit(waitForEnd), expects: failsWith(TimeoutError) })],
  [0.3, (pool) => ({ future: pool.with({ timeout: 5 }).submit(spin), expects: failsWith(TimeoutError) })],
  [0.5, (pool, n) => ({ future: pool.with({ retries: n % 2 }).submit(exit, 3), expects: failsWith(WorkerLostError) })],
  [0.5, (pool) => (pool.kind === "processes" ? { future: pool.submit(killItself), expects: failsWith(WorkerLostError) } : abortRunning(pool))],
];

/** It may have begun in the meantime, and then it ends well. */
function cancelPending(pool: Pool, n: number): Trial {
  const future = pool.submit(addOne, n);
  const isCancelled = future.cancel();
  return { future, expects: (outcome) => (isCancelled ? failsWith(CancelledError)(outcome) : outcome.status === "fulfilled") };
}

function abortRunning(pool: Pool): Trial {
  const controller = new AbortController();
  const reason = new Error("enough");
  const future = pool.with({ signal: controller.signal }).submit(waitForEnd);
  setTimeout(() => controller.abort(reason), 3);
  return { future, expects: (outcome) => outcome.status === "rejected" && outcome.reason === reason };
}

function draw(random: () => number): (typeof WAYS)[number][1] {
  let left = random() * WAYS.reduce((sum, [share]) => sum + share, 0);
  for (const [share, begin] of WAYS) if ((left -= share) < 0) return begin;
  throw new RangeError("the shares do not add up");
}

async function round(pool: Pool, random: () => number, common: AbortSignal): Promise<void> {
  const mapped = pool.map(
    describe,
    Array.from({ length: MAPPED }, (_, n) => n),
    { signal: common },
  );
  const trials = Array.from({ length: TASKS }, (_, n) => draw(random)(pool, n, common));
  const outcomes = await Promise.allSettled(trials.map(({ future }) => future));
  for (const [at, outcome] of outcomes.entries())
    assert.ok(trials[at]?.expects(outcome), `task ${at}: ${outcome.status} ${String(outcome.status === "rejected" && outcome.reason)}`);
  const results = await mapped;
  assert.ok(results.every(({ n }, at) => n === at));
  for await (const value of pool.map(addOne, [1, 2, 3, 4, 5, 6]).stream()) if (value === 3) break;
}

for (const Executor of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  test(`${Executor.name}: after ${ROUNDS} rounds of everything, or more, nothing has grown (seed ${SEED})`, async () => {
    const random = randomNumbers(Executor.name);
    const common = new AbortController().signal;
    const before = await takeFootprint([common]);
    const pool = new Executor({ maxWorkers: 2 });
    for (let n = 0; n < WARM_UP; n += 1) await round(pool, random, common);
    const warm = await takeFootprint([common]);
    const end = performance.now() + SOAK_MS;
    let rounds = 0;
    for (; rounds < ROUNDS || performance.now() < end; rounds += 1) await round(pool, random, common);
    const { workersStarted, workersLost, workers } = pool.stats();
    assert.ok(workers <= 2);
    await pool.shutdown();
    const after = await takeFootprint([common]);
    const growth = after.heap - warm.heap;
    console.log(
      `${Executor.name}: ${rounds} rounds, ${workersStarted} workers started, ${workersLost} lost, heap ${kilobytes(growth)}, buffers ${kilobytes(after.buffers - warm.buffers)}`,
    );
    assert.ok(growth < MOST_GROWTH + MOST_GROWTH_PER_TASK * rounds * (TASKS + MAPPED), `the heap has grown by ${kilobytes(growth)}`);
    for (const Class of OURS) assert.ok(countOf(Class) <= 1, `${countOf(Class)} objects of ${Class.name} are left`);
    assert.ok(after.buffers - before.buffers < 2 ** 20, `buffers have grown by ${kilobytes(after.buffers - before.buffers)}`);
    const { descriptors, threads, children, listeners } = before;
    assert.deepEqual(
      { descriptors: after.descriptors, threads: after.threads, children: after.children, listeners: after.listeners },
      { descriptors, threads, children, listeners },
    );
  });
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1024)} KiB`;
}
