// What a rung must save to pay, and from how many items on it pays for the start of its workers. Pure; called by
// advice.ts and its sentences.

import type { Baseline, CompletedRun } from "./comparison.ts";

/** A rung pays if it is this much faster. Lower: noise decides. Higher: real gains are hidden. */
export const WORTHWHILE = 1.1;

/** Starting and mapping once: what a program pays that uses the rung for nothing else. */
export function totalSeconds(run: CompletedRun): number {
  return run.startSeconds + run.seconds;
}

/** Whether the rung maps faster than serial once its workers run. */
export function isFasterWhenStarted(run: CompletedRun, serial: CompletedRun): boolean {
  return run.seconds * WORTHWHILE <= serial.seconds;
}

/** The smallest number of items with which starting and mapping is faster than serial; `undefined` if none is. */
export function breakEvenItems(run: CompletedRun, serial: CompletedRun, items: number): number | undefined {
  if (!isFasterWhenStarted(run, serial)) return undefined;
  const savedPerItem = (serial.seconds - run.seconds) / items;
  return Math.max(2, Math.ceil(run.startSeconds / savedPerItem));
}

/** Seconds that one call takes by itself: computing, waiting, blocking its thread; not what the executor does around it. */
export function callSeconds({ timeUse, leverage }: Baseline, serial: CompletedRun, items: number): number {
  return leverage.computeSecondsPerItem + ((timeUse.waiting + timeUse.blocked) * serial.seconds) / items;
}
