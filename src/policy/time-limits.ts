// Watches each task's limits in time: how long it may wait, how long an attempt may run, and when it must be over.
// A task has one alarm, for the limit that comes first in its present place.

import { Alarm } from "./alarms.ts";
import type { LimitKind } from "./instructions.ts";
import type { PoolState } from "./pool-state.ts";
import type { Task } from "./task.ts";

/** It is queued, or will be. */
export function limitWait(state: PoolState, task: Task): void {
  const { queueTimeout, deadlineAt } = task.traits;
  if (queueTimeout === Infinity && deadlineAt === Infinity) return;
  // The clock of queueTimeout runs from submit to the first start, through every place in between.
  if (task.attempts > 0) setLimit(state, task, deadlineAt, "deadline");
  else if (task.waitsUntil <= deadlineAt) setLimit(state, task, task.waitsUntil, "queue");
  else setLimit(state, task, deadlineAt, "deadline");
}

/** Its attempt has begun. */
export function limitRun(state: PoolState, task: Task): void {
  const { timeout, queueTimeout, deadlineAt } = task.traits;
  if (timeout === Infinity && queueTimeout === Infinity && deadlineAt === Infinity) return;
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
  forgetLimit(state, task);
  if (at === Infinity) return;
  task.limit = new Alarm(() => state.instruct({ type: "expireTask", task, limit }));
  state.alarms.set(task.limit, at);
}
