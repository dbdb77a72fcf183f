// Runs one function over the same items on each rung, one rung after another so that none disturbs the next, serial
// first as the others are judged by it. Called by the command line.

import { performance } from "node:perf_hooks";
import { inspect } from "node:util";
import type { Executor } from "../contract/executor.ts";
import type { Baseline, Comparison, CompletedRun, FailedRun, RungRun } from "./comparison.ts";
import { leverageOf } from "./leverage.ts";
import { Predictions, sampleOrNone } from "./predictions.ts";
import { timeMap, timeMaps, timeMove, timePlainLoop, timeRung } from "./time-rung.ts";
import type { Job } from "./time-rung.ts";
import { startStretch, timeUseOf } from "./time-use.ts";
import type { Stretch } from "./time-use.ts";

/** Serial time after which repeating stops: enough for a steady median, short enough to wait for. */
const ENOUGH_SECONDS = 0.5;
/** Tiny maps vary a lot, and repeating them takes no time. */
const MOST_REPETITIONS = 25;
/** Maps below this are mostly the executor's own work. */
const SHORT_SECONDS = 0.1;
/** Longer ones are still judged by a plain loop if more than this share of them is the executor's own work. */
const SMALL_PART = 0.1;
const PLAIN_LOOPS = 5;

/** What to compare. */
export interface CompareRequest {
  readonly functionName: string;
  readonly job: Job;
  /** Rungs beside serial, in the order of the table. */
  readonly rungs: readonly string[];
  readonly workers: number;
  openExecutor(rung: string): Executor;
  /** Called as each rung's turn comes. */
  onRung?(rung: string): void;
}

/** Never rejects because of the function: a rung on which it fails is a row that says so. */
export async function compareRungs(request: CompareRequest): Promise<Comparison> {
  const { functionName, job, workers } = request;
  const predictions = new Predictions(job, workers, await sampleOrNone(job));
  const serial = await onRung(request, "serial", (executor) => measureSerial(executor, job, predictions));
  const reference = "run" in serial ? serial : undefined;
  const repetitions = reference?.repetitions ?? 1;
  const runs: RungRun[] = ["run" in serial ? serial.run : serial];
  for (const rung of request.rungs) {
    const predict = (executor: Executor): Promise<number | undefined> => secondsOf(predictions, executor);
    const timing = { expected: reference?.results, repetitions, predict };
    runs.push(await onRung(request, rung, (executor, openedAt) => timeRung(executor, job, { ...timing, openedAt })));
  }
  return { functionName, items: job.count, workers, repetitions, runs, baseline: reference?.baseline };
}

/** Opens a fresh executor for the rung, measures, and closes it again whatever happened. */
export async function onRung<R>(
  request: Pick<CompareRequest, "onRung" | "openExecutor">,
  rung: string,
  measure: (executor: Executor, openedAt: number) => Promise<R>,
): Promise<R | FailedRun> {
  request.onRung?.(rung);
  const openedAt = performance.now();
  const executor = request.openExecutor(rung);
  try {
    return await measure(executor, openedAt);
  } catch (error) {
    return { rung, completed: false, error: describeError(error) };
  } finally {
    await executor.terminate();
  }
}

/** What the serial rung gives: its row, and what all others are compared with. */
interface Reference {
  readonly run: CompletedRun;
  readonly results: readonly unknown[];
  readonly repetitions: number;
  readonly baseline: Baseline;
}

async function measureSerial(executor: Executor, job: Job, predictions: Predictions): Promise<Reference> {
  const predictedSeconds = await secondsOf(predictions, executor);
  const endStretch = startStretch();
  const first = await timeMap(executor, job);
  const repetitions = repetitionsFor(first.seconds);
  const { seconds, agrees } = repetitions === 1 ? { seconds: first.seconds, agrees: true } : await timeMaps(executor, job, first.results, repetitions);
  const stretch = endStretch();
  const moveSecondsPerItem = await timeMove(executor, job.count, job.copyItems(), first.results);
  const run: CompletedRun = { rung: "serial", completed: true, startSeconds: 0, seconds, moveSecondsPerItem, predictedSeconds, agrees };
  const computeSeconds = await computeSecondsOf(job, { seconds, ownSeconds: moveSecondsPerItem * job.count }, stretch);
  const leverage = leverageOf(computeSeconds, job.copyItems(), first.results);
  return { run, results: first.results, repetitions, baseline: { timeUse: timeUseOf(stretch), leverage } };
}

/** What cannot be moved fails in the run itself, which says why. */
async function secondsOf(predictions: Predictions, executor: Executor): Promise<number | undefined> {
  try {
    return (await predictions.of(executor))?.seconds;
  } catch {
    return undefined;
  }
}

/** How often each rung maps, from how long one serial map took: 1 to 25 times. */
export function repetitionsFor(serialSeconds: number): number {
  return Math.max(1, Math.min(MOST_REPETITIONS, Math.ceil(ENOUGH_SECONDS / serialSeconds)));
}

/**
 * Seconds that the function itself computes for all items. Where much of the serial map is the executor's own work, it is
 * timed again as a bare loop; otherwise not, as that would only take longer.
 */
async function computeSecondsOf(job: Job, serial: { readonly seconds: number; readonly ownSeconds: number }, stretch: Stretch): Promise<number> {
  let computing = serial.seconds * (stretch.elapsed === 0 ? 1 : stretch.computing / stretch.elapsed);
  if (serial.seconds > SHORT_SECONDS && serial.ownSeconds < SMALL_PART * serial.seconds) return computing;
  const begun = performance.now();
  for (let loop = 0; loop < PLAIN_LOOPS && performance.now() - begun < ENOUGH_SECONDS * 1e3; loop += 1) {
    computing = Math.min(computing, await timePlainLoop(job));
  }
  return computing;
}

/** `TypeError: Cannot read ...`, on one line. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${inspect(error)}`;
  return text.replaceAll(/\s*\n\s*/g, " ");
}
