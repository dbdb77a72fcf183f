// Decides what becomes of a pool and its tasks when a worker ends, was never of use, or cannot be understood.

import { leaveGhost, unhandTask } from "./handing.ts";
import type { BreakReason } from "./instructions.ts";
import type { PoolState } from "./pool-state.ts";
import { failTask, leavePlace, requeue, unhandedTasks } from "./queueing.ts";
import { attemptFailed } from "./retries.ts";
import { countAttempt, retire, settleWorker } from "./running.ts";
import { killWorker, removeWorker, stopWorker } from "./staffing.ts";
import type { Task } from "./task.ts";
import type { Worker } from "./worker.ts";

/** `begun`: how many of its handed tasks had begun. Only these are lost: the last of them ran when the worker ended. */
export function workerExited(state: PoolState, worker: Worker, begun: number): void {
  const last = worker.state;
  if (last === "gone") return;
  removeWorker(state, worker);
  const handed = [...worker.handed];
  for (const task of handed) unhandTask(state, task);
  const wasUnexpected = last === "starting" || (last === "ready" && !worker.isAskedToEnd);
  if (wasUnexpected && last === "ready" && state.settings.breaksOnDeath && !state.isBroken) {
    collect(state, handed);
    return breakPool(state, "workerLost", true);
  }
  returnTasks(state, handed.slice(begun));
  // If what it ran was aborted, that is now the first, and those behind it had ended.
  const ranLast = handed[0]?.ghostOf === undefined ? handed[begun - 1] : handed[0];
  for (const task of handed.slice(0, begun)) lose(state, task, task === ranLast && !worker.isAskedToEnd);
  if (begun > 0) state.restarts.succeeded();
  else if (wasUnexpected) startCameToNothing(state, worker, last === "starting" && state.settings.hasInitializer);
}

/** Its initializer failed; every other worker's would too. It ends by itself. */
export function workerRefused(state: PoolState, worker: Worker): void {
  if (worker.state !== "starting") return;
  stopWorker(state, worker);
  breakPool(state, "initializerFailed", false);
}

/** Outcomes of it are missing: the first task is lost, and what came after can only be told apart by its end. */
export function workerGarbled(state: PoolState, worker: Worker, task: Task | undefined): void {
  if (task?.worker !== worker) return;
  unhandTask(state, task);
  if (task.ghostOf === undefined) {
    countAttempt(task);
    attemptFailed(state, task, "error");
  }
  if (worker.state !== "ready") return;
  if (worker.handed.length > 0) askToEnd(state, worker);
  settleWorker(state, worker);
}

/** It may have told of all that it has, in the message that could not be read, and would never say anything again. */
function askToEnd(state: PoolState, worker: Worker): void {
  retire(state, worker);
  if (worker.isAskedToEnd) return;
  worker.isAskedToEnd = true;
  state.instruct({ type: "stopWorker", worker });
}

/** Nothing can run any more. `endsRunning`: not even what runs now. */
export function breakPool(state: PoolState, reason: BreakReason, endsRunning: boolean): void {
  if (state.isBroken) return;
  state.isBroken = true;
  state.instruct({ type: "breakPool", reason });
  failUnhanded(state, "broken");
  if (endsRunning) endRunning(state, "broken");
  for (const worker of [...state.workers]) endWorker(state, worker);
}

/** Every task that no worker has fails. */
export function failUnhanded(state: PoolState, reason: "broken" | "terminated"): void {
  for (const task of unhandedTasks(state)) {
    leavePlace(state, task);
    failTask(state, task, reason);
  }
}

/** Every task that a worker has fails, and the worker is killed. */
export function endRunning(state: PoolState, reason: "broken" | "terminated"): void {
  for (const worker of [...state.workers]) {
    for (const task of worker.handed) {
      if (task.ghostOf !== undefined) continue;
      leaveGhost(state, task);
      failTask(state, task, reason);
    }
    killWorker(state, worker);
  }
}

/** A worker of a broken pool: one that is still at work may finish. */
function endWorker(state: PoolState, worker: Worker): void {
  if (worker.state !== "starting" && worker.state !== "ready") return;
  if (worker.handed.length > 0) retire(state, worker);
  else stopWorker(state, worker);
}

/** Lost with the worker or not begun: a broken pool fails all alike, with the others that no worker has. */
function collect(state: PoolState, handed: readonly Task[]): void {
  for (const task of handed) {
    if (task.ghostOf !== undefined) continue;
    task.place = "deciding";
    state.deciding.append(task);
  }
}

function returnTasks(state: PoolState, tasks: readonly Task[]): void {
  for (const task of tasks.toReversed()) {
    if (task.ghostOf !== undefined) continue;
    // Its buffers have gone with the worker.
    if (task.traits.sendOnce) failTask(state, task, "workerLost");
    else requeue(state, task);
  }
}

function lose(state: PoolState, task: Task, isKiller: boolean): void {
  if (task.ghostOf !== undefined) return;
  countAttempt(task);
  if (isKiller) task.kills += 1;
  attemptFailed(state, task, "workerLost");
}

function startCameToNothing(state: PoolState, worker: Worker, isOfInitializer: boolean): void {
  state.restarts.failed(worker.startedAt, state.now);
  if (state.restarts.isHopeless(isOfInitializer) && !hasUsefulWorker(state)) breakPool(state, "startFailed", false);
}

function hasUsefulWorker(state: PoolState): boolean {
  for (const worker of state.workers) if (worker.state === "ready") return true;
  return false;
}
