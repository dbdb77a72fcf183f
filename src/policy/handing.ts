// Keeps account of which worker has which tasks. Everything that is derived from it (busy workers, tasks that have not
// started, expected work) changes here and nowhere else.

import { expectedMsOf, isHungry } from "./batching.ts";
import { startLending, stopLending } from "./lending.ts";
import type { PoolState } from "./pool-state.ts";
import { Task } from "./task.ts";
import type { Worker } from "./worker.ts";

/** Gives a task that is in no place to a ready worker. */
export function handTask(state: PoolState, worker: Worker, task: Task): void {
  if (worker.handed.length === 0) state.busy += 1;
  else state.unstarted += 1;
  task.place = "handed";
  task.worker = worker;
  task.hasStarted = false;
  const expectedMs = expectedMsOf(task);
  task.expectedMs = expectedMs;
  worker.expectedMs += expectedMs;
  worker.tasksLeft -= 1;
  worker.handed.append(task);
  task.holders += 1;
  startLending(state, task);
}

/** Takes a task off its worker; the caller gives it its next place. */
export function unhandTask(state: PoolState, task: Task): Worker {
  const worker = task.worker as Worker;
  worker.handed.remove(task);
  task.worker = undefined;
  const owner = task.ghostOf ?? task;
  owner.holders -= 1;
  if (owner.holders === 0) stopLending(state, owner);
  if (worker.handed.length === 0) {
    state.busy -= 1;
    // Sums of fractions drift: an empty worker starts anew.
    worker.expectedMs = 0;
  } else {
    state.unstarted -= 1;
    worker.expectedMs -= task.expectedMs ?? 0;
  }
  return worker;
}

/** The worker goes on with the task, but nobody waits for it: a ghost takes its place there. */
export function leaveGhost(state: PoolState, task: Task): Task {
  const worker = task.worker as Worker;
  const ghost = new Task(task.runTime, task.traits, task);
  ghost.place = "handed";
  ghost.worker = worker;
  ghost.expectedMs = task.expectedMs;
  ghost.hasStarted = task.hasStarted;
  worker.handed.replace(task, ghost);
  task.worker = undefined;
  state.instruct({ type: "leaveGhost", task, ghost, worker });
  return ghost;
}

/** After a change of what it has been handed: whether it could take more. */
export function reviewHunger(state: PoolState, worker: Worker): void {
  if (worker.state !== "ready" || !isHungry(state, worker)) return forgetHunger(state, worker);
  if (!state.hungry.has(worker)) state.hungry.append(worker);
}

export function forgetHunger(state: PoolState, worker: Worker): void {
  if (state.hungry.has(worker)) state.hungry.remove(worker);
}
