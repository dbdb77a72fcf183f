// Puts tasks into the queue and takes them out of every place, for good or for the next one.

import { leaveParent } from "./lending.ts";
import type { PoolState } from "./pool-state.ts";
import type { FailureReason } from "./instructions.ts";
import type { Task } from "./task.ts";
import type { TaskQueue } from "./task-queue.ts";
import { forgetLimit, limitWait } from "./time-limits.ts";

export function enqueue(state: PoolState, task: Task): void {
  task.place = "queued";
  limitWait(state, task);
  queueOf(state, task).append(task);
}

/** Back to the front: the task had its turn, but did not begin. Called for the last of several first. */
export function requeue(state: PoolState, task: Task): void {
  if (task.hasStarted) takeBackStart(state, task);
  if (state.isBroken) return failTask(state, task, "broken");
  if (state.cancelsPending) return cancelTask(state, task);
  task.place = "queued";
  limitWait(state, task);
  queueOf(state, task).prepend(task);
}

/** It was thought to run, but had not begun. */
function takeBackStart(state: PoolState, task: Task): void {
  task.hasStarted = false;
  task.attempts -= 1;
  state.instruct({ type: "markPending", task });
}

export function dequeue(state: PoolState, task: Task): void {
  queueOf(state, task).remove(task);
}

/** The task is over, whatever its future says. */
export function endTask(state: PoolState, task: Task): void {
  task.place = "ended";
  state.tasks -= 1;
  forgetLimit(state, task);
  leaveParent(state, task);
}

export function failTask(state: PoolState, task: Task, reason: FailureReason): void {
  endTask(state, task);
  state.instruct({ type: "failTask", task, reason });
}

export function cancelTask(state: PoolState, task: Task): void {
  endTask(state, task);
  state.instruct({ type: "cancelTask", task });
}

/** Takes a task that no worker has out of wherever it is. */
export function leavePlace(state: PoolState, task: Task): void {
  switch (task.place) {
    case "queued":
      return dequeue(state, task);
    case "deciding":
      return state.deciding.remove(task);
    case "waiting":
      return stopWaiting(state, task);
    case "new":
    case "handed":
    case "ended":
  }
}

function stopWaiting(state: PoolState, task: Task): void {
  const alarm = state.waiting.get(task);
  if (alarm !== undefined) state.alarms.silence(alarm);
  state.waiting.delete(task);
}

/** Tasks that no worker has, in no particular order of places. */
export function unhandedTasks(state: PoolState): Task[] {
  return [...state.lent, ...state.queue, ...state.waiting.keys(), ...state.deciding];
}

function queueOf(state: PoolState, task: Task): TaskQueue {
  return task.parent === undefined ? state.queue : state.lent;
}
