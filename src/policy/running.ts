// Follows what workers do with the tasks they were handed: which one runs, which have finished, which overruns.

import { patienceBefore } from "./batching.ts";
import { forgetHunger, handTask, leaveGhost, reviewHunger, unhandTask } from "./handing.ts";
import { hold } from "./holding.ts";
import { killWorker, stopWorker } from "./staffing.ts";
import type { PoolState } from "./pool-state.ts";
import { endTask, leavePlace, requeue } from "./queueing.ts";
import { attemptFailed } from "./retries.ts";
import type { RunTime } from "./run-times.ts";
import type { Task } from "./task.ts";
import { limitRun } from "./time-limits.ts";
import type { Worker } from "./worker.ts";

/** A worker that takes so many times as long as expected overruns. */
const OVERRUN_FACTOR = 2;
/** But no worker overruns before this time, in milliseconds: timers and messages are not more exact. */
const OVERRUN_SLACK_MS = 2;

export function dispatchTasks(state: PoolState, worker: Worker, tasks: readonly Task[]): void {
  hold(state, worker);
  if (worker.handed.length === 0) worker.loadingFor = undefined;
  for (const task of tasks) handTask(state, worker, task);
  state.instruct({ type: "dispatch", worker, tasks, patience: leastPatience(state, tasks) });
  startFirst(state, worker);
  watchOverrun(state, worker);
  reviewHunger(state, worker);
}

/** Tasks of one function mostly come together. */
function leastPatience(state: PoolState, tasks: readonly Task[]): number {
  let least = Infinity;
  let asked: RunTime | undefined;
  for (const task of tasks) {
    if (task.runTime === asked) continue;
    asked = task.runTime;
    least = Math.min(least, patienceBefore(state, task));
  }
  return least;
}

export function taskFinished(state: PoolState, task: Task, ok: boolean, durationMs: number): void {
  if (task.worker === undefined) return;
  const wasFirst = task.worker.handed.first === task;
  const worker = unhandTask(state, task);
  worker.isStalled = false;
  if (state.overrunning.size > 0) state.overrunning.delete(worker);
  state.restarts.succeeded();
  if (task.ghostOf !== undefined) {
    // Another may be what the worker was told to stop.
    if (wasFirst) state.alarms.silence(worker.grace);
    return;
  }
  task.runTime.observe(durationMs);
  countAttempt(task);
  if (ok) endTask(state, task);
  else attemptFailed(state, task, "error");
}

export function workerReported(state: PoolState, worker: Worker, memory: number | undefined): void {
  if (worker.state !== "ready") return;
  if (memory !== undefined && memory > state.settings.maxMemoryPerWorker) retire(state, worker);
  settleWorker(state, worker);
}

/** After any change of a ready worker's tasks. */
export function settleWorker(state: PoolState, worker: Worker): void {
  if (worker.state !== "ready") return;
  if (worker.handed.length === 0) return workerEmptied(state, worker);
  startFirst(state, worker);
  watchOverrun(state, worker);
  reviewHunger(state, worker);
}

/** No further task for this worker; those that have not begun go to others. */
export function retire(state: PoolState, worker: Worker): void {
  worker.isRetiring = true;
  takeBackUnstarted(state, worker, worker.handed.length);
}

export function takeBackUnstarted(state: PoolState, worker: Worker, atMost: number): void {
  if (worker.hasClaims && worker.handed.length > 1 && atMost > 0) state.instruct({ type: "takeBack", worker, atMost });
}

export function tasksTakenBack(state: PoolState, worker: Worker, tasks: readonly Task[]): void {
  for (const task of tasks) {
    // It may have been ended while this event waited for its turn.
    if (task.worker !== worker) continue;
    unhandTask(state, task);
    worker.tasksLeft += 1;
    requeue(state, task);
  }
  settleWorker(state, worker);
  // They are for others: it may have more when it has reported.
  forgetHunger(state, worker);
}

/** It has begun, or may have, and its future is settled without it. */
export function taskAborted(state: PoolState, task: Task, mayRetry: boolean, hasPassed: boolean): void {
  const worker = task.worker;
  if (worker === undefined) return abortUnhanded(state, task);
  const ghost = leaveGhost(state, task);
  countAttempt(task);
  // It has ended: what its worker runs is another's, and not to be stopped.
  if (!hasPassed) hauntIfRunning(state, worker, ghost);
  if (mayRetry) attemptFailed(state, task, "error");
  else endTask(state, task);
}

/** With claims it is known to run, and those handed over before it have ended: their outcomes are on their way. */
function hauntIfRunning(state: PoolState, worker: Worker, ghost: Task): void {
  if (worker.handed.first !== ghost) {
    if (!worker.hasClaims) return;
    worker.handed.remove(ghost);
    worker.handed.prepend(ghost);
  }
  haunt(state, worker, ghost);
}

export function workerLoading(state: PoolState, worker: Worker, task: Task): void {
  worker.loadingFor = task;
  if (worker.state === "ready" && task.ghostOf !== undefined && worker.handed.first === task) waitForSign(state, worker, true);
}

/**
 * It will never run, but its worker has to pass it, and says when it has: until then it gets nothing more, as it may be
 * stuck. If it is loading the task's module it is given time: loading cannot be interrupted, and the module is likely to be
 * needed again.
 */
export function firstWithdrawn(state: PoolState, task: Task): void {
  const worker = task.worker as Worker;
  const isLoading = worker.loadingFor === task;
  const ghost = leaveGhost(state, task);
  ghost.hasStarted = true;
  worker.tasksLeft += 1;
  worker.isStalled = true;
  endTask(state, task);
  forgetHunger(state, worker);
  waitForSign(state, worker, isLoading);
  takeBackUnstarted(state, worker, worker.handed.length - 1);
}

function waitForSign(state: PoolState, worker: Worker, isLoading: boolean): void {
  const { abortGrace, stopGrace } = state.settings;
  state.alarms.set(worker.grace, state.now + (isLoading ? stopGrace : abortGrace));
}

/** Its worker has gone in the meantime. */
function abortUnhanded(state: PoolState, task: Task): void {
  if (task.place === "ended") return;
  leavePlace(state, task);
  endTask(state, task);
}

export function graceEnded(state: PoolState, worker: Worker): void {
  if (worker.state === "ready" && worker.handed.first?.ghostOf !== undefined) killWorker(state, worker);
}

/** It gets nothing more until it reports, and what waits behind is for others to take. */
export function overran(state: PoolState, worker: Worker): void {
  if (worker.state !== "ready" || worker.handed.length === 0) return;
  stall(state, worker);
  if (worker.hasClaims && worker.handed.length > 1) state.newlyOverrunning.push(worker);
}

/**
 * What a worker has done and holds back would have to wait for what it runs now. At the end of the turn: limits in time that are
 * due together with it are told of first, as what they are about must not have ended meanwhile.
 */
export function readNotes(state: PoolState): void {
  for (const worker of state.newlyOverrunning) if (worker.state === "ready") state.instruct({ type: "readNotes", worker });
  state.newlyOverrunning.length = 0;
}

export function notesRead(state: PoolState, worker: Worker): void {
  if (worker.state !== "ready" || worker.handed.length === 0) return;
  startFirst(state, worker);
  stall(state, worker);
  // It may have been about to do what it then holds back. After as long again as the first has run: few looks at a very long one.
  if (worker.handed.length > 1) state.alarms.set(worker.watch, state.now + Math.max(OVERRUN_SLACK_MS, state.now - worker.firstSince));
}

function stall(state: PoolState, worker: Worker): void {
  worker.isStalled = true;
  reviewHunger(state, worker);
  if (worker.hasClaims && worker.handed.length > 1) state.overrunning.add(worker);
}

export function countAttempt(task: Task): void {
  if (!task.hasStarted) task.attempts += 1;
  task.hasStarted = true;
}

function workerEmptied(state: PoolState, worker: Worker): void {
  forgetHunger(state, worker);
  state.alarms.silence(worker.watch);
  if (worker.isSpent) return stopWorker(state, worker);
  if (state.idle.has(worker)) return;
  state.idle.append(worker);
  if (worker.isNewlyIdle) return;
  worker.isNewlyIdle = true;
  state.newlyIdle.push(worker);
}

/** The first of the handed tasks runs, as best known. */
function startFirst(state: PoolState, worker: Worker): void {
  const task = worker.handed.first;
  if (task === undefined || task.hasStarted) return;
  if (task.ghostOf !== undefined) return haunt(state, worker, task);
  countAttempt(task);
  worker.firstSince = state.now;
  limitRun(state, task, worker);
  state.instruct({ type: "markRunning", task, worker });
}

/** The ghost is what the worker runs: it is told to stop that, and has some time to. */
function haunt(state: PoolState, worker: Worker, ghost: Task): void {
  ghost.hasStarted = true;
  state.instruct({ type: "abortRun", ghost, worker });
  if (!state.settings.isInThread) state.alarms.set(worker.grace, state.now + state.settings.abortGrace);
}

/** Only where something is expected: a function that was never timed may take as long as it likes. */
function watchOverrun(state: PoolState, worker: Worker): void {
  if (state.settings.isInThread) return;
  if (worker.handed.length === 1 && worker.handed.first?.runTime.mean === undefined) return state.alarms.silence(worker.watch);
  state.alarms.set(worker.watch, state.now + OVERRUN_SLACK_MS + OVERRUN_FACTOR * worker.expectedMs);
}
