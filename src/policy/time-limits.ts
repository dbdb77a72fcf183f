// Watches each task's limits in time: how long it may wait, how long an attempt may run, and when it must be over.
// A task has one alarm, for the limit that comes first in its present place.

import { Alarm } from "./alarms.ts";
import type { LimitKind } from "./instructions.ts";
import type { PoolState } from "./pool-state.ts";
import type { Task } from "./task.ts";
import type { Worker } from "./worker.ts";

/** Milliseconds until the first look whether a task has begun: most have by then. Less: more wake-ups. More: a later end. */
const FIRST_LOOK_MS = 1;
/** The longest time between two looks, as a part of the task's timeout. */
const LARGEST_PART_OF_TIMEOUT = 1 / 8;

/** It is queued, or will be. */
export function limitWait(state: PoolState, task: Task): void {
  const { queueTimeout, deadlineAt } = task.traits;
  if (queueTimeout === Infinity && deadlineAt === Infinity) return;
  // The clock of queueTimeout runs from submit to the first start, through every place in between.
  if (task.attempts > 0) setLimit(state, task, deadlineAt, "deadline");
  else if (task.waitsUntil <= deadlineAt) setLimit(state, task, task.waitsUntil, "queue");
  else setLimit(state, task, deadlineAt, "deadline");
}

/**
 * It is its worker's first, so it begins now, or when the worker has loaded its module. That is no part of the attempt:
 * where it can be seen whether a task has begun, `timeout` waits for it. What never loads is for `deadline` to end.
 */
export function limitRun(state: PoolState, task: Task, worker: Worker): void {
  const { timeout, queueTimeout, deadlineAt } = task.traits;
  if (timeout === Infinity && queueTimeout === Infinity && deadlineAt === Infinity) return;
  if (timeout !== Infinity && worker.hasClaims) lookWhetherBegun(state, task, worker);
  else limitAttempt(state, task);
}

/** The answer to `lookAtTask`. */
export function taskLookedAt(state: PoolState, task: Task, hasBegun: boolean): void {
  const { worker } = task;
  // It has ended or changed its place while this event waited for its turn.
  if (worker === undefined || worker.handed.first !== task || !task.hasStarted) return;
  if (hasBegun) limitAttempt(state, task);
  else lookWhetherBegun(state, task, worker);
}

/** Soon, and then after ever longer times: what begins between two looks is given at most a part of its timeout too much. */
function lookWhetherBegun(state: PoolState, task: Task, worker: Worker): void {
  const { timeout, deadlineAt } = task.traits;
  const waited = state.now - worker.firstSince;
  const lookAt = state.now + Math.max(FIRST_LOOK_MS, Math.min(waited, timeout * LARGEST_PART_OF_TIMEOUT));
  if (deadlineAt <= lookAt) setLimit(state, task, deadlineAt, "deadline");
  else setAlarm(state, task, lookAt, () => state.instruct({ type: "lookAtTask", task }));
}

/** Its attempt has begun. */
function limitAttempt(state: PoolState, task: Task): void {
  const { timeout, deadlineAt } = task.traits;
  const runsUntil = state.now + timeout;
  if (runsUntil <= deadlineAt) setLimit(state, task, runsUntil, "run");
  else setLimit(state, task, deadlineAt, "deadline");
}

export function forgetLimit(state: PoolState, task: Task): void {
  if (task.limit === undefined) return;
  state.alarms.silence(task.limit);
  task.limit = undefined;
}

function setLimit(state: PoolState, task: Task, at: number, limit: LimitKind): void {
  setAlarm(state, task, at, () => state.instruct({ type: "expireTask", task, limit }));
}

function setAlarm(state: PoolState, task: Task, at: number, ring: () => void): void {
  forgetLimit(state, task);
  if (at === Infinity) return;
  task.limit = new Alarm(ring);
  state.alarms.set(task.limit, at);
}
