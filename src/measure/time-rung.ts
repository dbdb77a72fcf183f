// Times one rung: its start, the map over all items, and what moving an item costs. The only file here that runs the
// user's function.

import { performance } from "node:perf_hooks";
import type { Executor } from "../contract/executor.ts";
import { resultsAgree } from "./agreement.ts";
import type { CompletedRun } from "./comparison.ts";
import { echo } from "./probe.ts";
import { startWorkers } from "./start-workers.ts";

/** Values moved to learn what moving costs. Fewer: noise. More: big items take long. */
const MOVED_ITEMS = 500;

/** The function and the items that every rung is given. */
export interface Job {
  readonly fn: (item: unknown) => unknown;
  readonly count: number;
  /** Fresh items each time, so that a function that changes its argument cannot change the next run. */
  copyItems(): unknown[];
}

/** Seconds from opening the executor until its workers have loaded the function. */
async function timeStart(executor: Executor, job: Job, openedAt: number): Promise<number> {
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

/** Seconds to move one item there and one result back. Both directions of each are timed, and halved. */
export async function timeMove(executor: Executor, job: Job, results: readonly unknown[]): Promise<number> {
  const values = [...job.copyItems().slice(0, MOVED_ITEMS), ...results.slice(0, MOVED_ITEMS)];
  await executor.map(echo, values.slice(0, 1));
  const begun = performance.now();
  await executor.map(echo, values);
  return secondsSince(begun) / values.length;
}

/** Everything about one rung. Without `expected`, as the serial run failed, its results agree with nothing. */
export async function timeRung(
  executor: Executor,
  job: Job,
  expected: readonly unknown[] | undefined,
  repetitions: number,
  openedAt: number,
): Promise<CompletedRun> {
  const startSeconds = await timeStart(executor, job, openedAt);
  // A job that is long enough to run once only needs no warming up either.
  if (repetitions > 1) await timeMap(executor, job);
  const { seconds, agrees } = await timeMaps(executor, job, expected, repetitions);
  const moveSecondsPerItem = await timeMove(executor, job, expected ?? []);
  return { rung: executor.kind, completed: true, startSeconds, seconds, moveSecondsPerItem, agrees };
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

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
