// Notices workers that are at their tasks for longer than expected, so that what waits behind goes to others and nothing more is
// put there.

import { reviewHunger } from "./handing.ts";
import type { PoolState } from "./pool-state.ts";
import type { Worker } from "./worker.ts";

/** A worker that takes so many times as long as expected overruns. */
const OVERRUN_FACTOR = 2;
/** But no worker overruns before this time, in milliseconds: timers and messages are not more exact. */
const OVERRUN_SLACK_MS = 2;

/**
 * After any change of a worker's tasks. A lone one is looked at only once another waits for it: a timer that is soon due makes each
 * sleep of the event loop take some microseconds more, as the system sets an alarm for it.
 */
export function watchOverrun(state: PoolState, worker: Worker): void {
  if (state.settings.isInThread) return;
  if (worker.handed.length === 1) return state.alarms.silence(worker.watch);
  state.alarms.set(worker.watch, state.now + overrunMs(worker));
}

/** Tasks are queued for workers that are expected to come to them soon: should they not, more workers are needed. */
export function watchLone(state: PoolState): void {
  for (const worker of state.workers) if (isTimedLone(worker) && !worker.watch.isSet) state.alarms.set(worker.watch, overrunsAt(worker));
}

/** Before tasks are put behind lone ones. */
export function stallOverrun(state: PoolState): void {
  for (const worker of state.hungry) if (isTimedLone(worker) && state.now > overrunsAt(worker)) overran(state, worker);
}

/** It gets nothing more until it reports, and what waits behind is for others to take. */
export function overran(state: PoolState, worker: Worker): void {
  if (worker.state !== "ready" || worker.handed.length === 0) return;
  worker.isStalled = true;
  reviewHunger(state, worker);
  if (worker.hasClaims && worker.handed.length > 1) state.overrunning.add(worker);
}

/** Of a function that was never timed nothing is expected: it may take as long as it likes. */
function isTimedLone({ state, handed, isStalled }: Worker): boolean {
  return state === "ready" && !isStalled && handed.length === 1 && handed.first?.runTime.mean !== undefined;
}

function overrunsAt(worker: Worker): number {
  return worker.firstSince + overrunMs(worker);
}

/** How long a worker may be at what it has. */
function overrunMs({ expectedMs }: Worker): number {
  return OVERRUN_SLACK_MS + OVERRUN_FACTOR * expectedMs;
}
