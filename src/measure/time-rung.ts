// Times one rung: its start, the map over all items, and what moving an item costs. The only file here that runs the
// user's function.

import { performance } from "node:perf_hooks";
import type { Executor } from "../contract/executor.ts";
import { resultsAgree } from "./agreement.ts";
import type { CompletedRun } from "./comparison.ts";
import { echoOn, take } from "./probe.ts";
import { startWorkers } from "./start-workers.ts";

/** Values moved at once to learn what moving costs, as many as there are items: batches form, as in the map itself. Fewer: messages of their own. More: time. */
const FEWEST_MOVED = 500;
const MOST_MOVED = 20_000;
/** Seconds of moving after which no further round begins, and once again so many when rounds have their full size: the ones before compiled what moves. */
const MOST_MOVING = 0.3;
/** Seconds from which on moving a value takes long. */
const LONG_MOVE = 100e-6;
/** Rounds that take this share of the best one show that it gains nothing from being repeated: so many in a row, as one may have been disturbed. */
const SETTLED = 0.95;
const SETTLED_ROUNDS = 2;

/** The function and the items that every rung is given. */
export interface Job {
  readonly fn: (item: unknown) => unknown;
  readonly count: number;
  /** Fresh items each time, so that a function that changes its argument cannot change the next run. */
  copyItems(): unknown[];
}

/** Seconds from opening the executor until its workers have loaded the function. */
export async function timeStart(executor: Executor, job: Job, openedAt: number): Promise<number> {
  await startWorkers(executor, job.fn, Math.min(executor.maxWorkers, job.count));
  return secondsSince(openedAt);
}

/** One map over all items, on workers that have started. */
export async function timeMap(executor: Executor, job: Job): Promise<{ seconds: number; results: unknown[] }> {
  const items = job.copyItems();
  const begun = performance.now();
  const results = await executor.map(job.fn, items);
  return { seconds: secondsSince(begun), results };
}

/** Calls of the function in a bare loop: what it costs without any executor. */
export async function timePlainLoop(job: Job): Promise<number> {
  const items = job.copyItems();
  const begun = performance.now();
  for (const item of items) {
    const result = job.fn(item);
    if (isThenable(result)) await result;
  }
  return secondsSince(begun);
}

/** Seconds to move one item there and one result back, when many are moved in a row. */
export async function timeMove(executor: Executor, count: number, items: readonly unknown[], results: readonly unknown[]): Promise<number> {
  const atOnce = Math.max(FEWEST_MOVED, Math.min(MOST_MOVED, count));
  const there = await timePerValue(executor, take, items, { count, atOnce });
  const thereAndBack = await timePerValue(executor, echoOn(executor.kind), results, { count, atOnce });
  // Half of it was the way there, and what a message costs whatever is in it has been counted with the items.
  return Math.max(there, thereAndBack, (there + thereAndBack) / 2);
}

/** `count`: items of the map. `atOnce`: values to move in one round, if that takes no long time. */
interface Round {
  readonly count: number;
  readonly atOnce: number;
}

/**
 * Of several rounds of the same size: the first ones compile what later ones run, and each is short enough to be disturbed.
 * Smaller rounds do not count: of large values a few find memory at hand that many do not.
 */
async function timePerValue(executor: Executor, fn: (value: unknown) => unknown, values: readonly unknown[], { count, atOnce }: Round): Promise<number> {
  if (values.length === 0) return 0;
  const repeated = Array.from({ length: Math.ceil(atOnce / values.length) }, () => values)
    .flat()
    .slice(0, atOnce);
  let [begun, isWarm] = [performance.now(), false];
  let [size, settled] = [0, 0];
  let rounds: number[] = [];
  // A single value first: where it is large, many would take long.
  for (let some = 1; secondsSince(begun) < MOST_MOVING; ) {
    const roundBegun = performance.now();
    await executor.map(fn, repeated.slice(0, some));
    const perValue = secondsSince(roundBegun) / some;
    // Of large values not more than in the map, as memory for more would be slower to get.
    const most = perValue > LONG_MOVE ? Math.min(count, repeated.length) : repeated.length;
    if (size !== some) rounds = [];
    settled = some >= most && perValue > SETTLED * Math.min(...rounds) ? settled + 1 : 0;
    rounds.push(perValue);
    if (settled === SETTLED_ROUNDS) break;
    size = some;
    some = Math.max(1, Math.min(most, some * 8, Math.floor(MOST_MOVING / perValue)));
    if (!isWarm && some >= most) [begun, isWarm] = [performance.now(), true];
  }
  return typicalOf(rounds);
}

/** What moves quickly moves as quickly in the map once it has been compiled. Large values find memory at hand at times, and at times not, in the map as here. */
function typicalOf(rounds: readonly number[]): number {
  const middle = median(rounds);
  return middle > LONG_MOVE ? middle : Math.min(...rounds);
}

/** How a rung is timed. */
export interface RungTiming {
  /** The serial results. Without them, as the serial run failed, its results agree with nothing. */
  readonly expected: readonly unknown[] | undefined;
  readonly repetitions: number;
  readonly openedAt: number;
  /** Said before the rung runs all items, once its workers have started. */
  predict(executor: Executor): Promise<number | undefined>;
}

/** Everything about one rung. */
export async function timeRung(executor: Executor, job: Job, { expected, repetitions, openedAt, predict }: RungTiming): Promise<CompletedRun> {
  const startSeconds = await timeStart(executor, job, openedAt);
  const predictedSeconds = await predict(executor);
  // A job that is long enough to run once only needs no warming up either.
  if (repetitions > 1) await timeMap(executor, job);
  const { seconds, agrees } = await timeMaps(executor, job, expected, repetitions);
  const moveSecondsPerItem = await timeMove(executor, job.count, job.copyItems(), expected ?? []);
  return { rung: executor.kind, completed: true, startSeconds, seconds, moveSecondsPerItem, predictedSeconds, agrees };
}

/** Maps `repetitions` times: the median, and whether every one gave what was expected. */
export async function timeMaps(
  executor: Executor,
  job: Job,
  expected: readonly unknown[] | undefined,
  repetitions: number,
): Promise<{ seconds: number; agrees: boolean }> {
  const times: number[] = [];
  let agrees = expected !== undefined;
  while (times.length < repetitions) {
    const { seconds, results } = await timeMap(executor, job);
    times.push(seconds);
    agrees = agrees && resultsAgree(expected ?? [], results);
  }
  return { seconds: median(times), agrees };
}

/** The middle one; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function secondsSince(time: number): number {
  return (performance.now() - time) / 1e3;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
