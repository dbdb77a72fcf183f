// Decides whether a failed task gets another attempt. How long it waits and whether its error is worth it is for the
// caller's own functions to say, which policy never calls: it asks for them to be asked.

import { Alarm } from "./alarms.ts";
import type { FailureReason } from "./instructions.ts";
import type { PoolState } from "./pool-state.ts";
import { endTask, enqueue, failTask, cancelTask } from "./queueing.ts";
import type { Task } from "./task.ts";
import { limitWait } from "./time-limits.ts";

/** Workers that one task may take down. More: a poisonous task costs more starts. Fewer: an innocent one is given up for others' crashes. */
const MOST_KILLS = 3;

/** An attempt of a task has failed; no worker has the task any more. */
export function attemptFailed(state: PoolState, task: Task, reason: FailureReason): void {
  if (!mayRetry(state, task)) return failTask(state, task, reason);
  task.place = "deciding";
  task.hasStarted = false;
  state.deciding.append(task);
  limitWait(state, task);
  state.instruct({ type: "considerRetry", task, reason });
}

/** It has attempts left, and gets none of them as it has taken too many workers down. */
export function isPoisonous(task: Task): boolean {
  return task.attempts <= task.traits.retryLimit && task.kills >= MOST_KILLS;
}

function mayRetry(state: PoolState, task: Task): boolean {
  return task.attempts <= task.traits.retryLimit && task.kills < MOST_KILLS && !task.traits.sendOnce && !state.cancelsPending && !state.isBroken;
}

/** The caller's options have been asked. The future of a task that gets no further attempt is settled by who asked. */
export function retryDecided(state: PoolState, task: Task, delayMs: number | undefined): void {
  if (task.place !== "deciding") return;
  state.deciding.remove(task);
  if (delayMs === undefined) return endTask(state, task);
  state.instruct({ type: "markPending", task });
  if (state.cancelsPending) return cancelTask(state, task);
  if (delayMs <= 0) return enqueue(state, task);
  waitForRetry(state, task, delayMs);
}

function waitForRetry(state: PoolState, task: Task, delayMs: number): void {
  task.place = "waiting";
  const alarm = new Alarm(() => {
    // Its deadline has come due at the same look, and will end it here.
    if (task.traits.deadlineAt <= state.now) return;
    state.waiting.delete(task);
    enqueue(state, task);
  });
  state.waiting.set(task, alarm);
  state.alarms.set(alarm, state.now + delayMs);
}
