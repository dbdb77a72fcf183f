// Decides how many workers there are: started on demand, replaced when spent, let go when idle.

import { forgetHunger } from "./handing.ts";
import { hold, release } from "./holding.ts";
import type { PoolState } from "./pool-state.ts";
import { Worker } from "./worker.ts";

/** Queued work that the present workers will have done by the time that a new one is up, in milliseconds. */
const WORTH_A_START_MS = 5;
/** A function that was never timed counts as this much: a start is always worth it. */
const UNKNOWN_WORK_MS = WORTH_A_START_MS;

/** Starts workers for the tasks that are still queued after all ready workers have theirs. */
export function startWorkers(state: PoolState): void {
  const wanted = Math.min(wantedStarts(state), state.places - state.workers.size);
  if (wanted <= 0) return;
  if (state.restarts.notBefore > state.now) {
    if (!state.restartAlarm.isSet) state.alarms.set(state.restartAlarm, state.restarts.notBefore);
    return;
  }
  for (let started = 0; started < wanted; started += 1) startWorker(state);
}

/** Does not wait for the task that is expected: the worker starts while that is packed. */
export function startFirst(state: PoolState): void {
  if (state.workers.size > 0 || state.settings.isInThread) return;
  if (state.phase === "open" && !state.isBroken && state.restarts.notBefore <= state.now) startWorker(state);
}

function wantedStarts(state: PoolState): number {
  const queued = state.queue.length + state.lent.length;
  if (queued === 0) return 0;
  const forQueue = isWorthAStart(state, queued) ? queued - state.starting.size : 0;
  return Math.max(forQueue, state.settings.minWorkers - state.workers.size);
}

function isWorthAStart(state: PoolState, queued: number): boolean {
  if (state.settings.isInThread) return true;
  const first = state.lent.first ?? state.queue.first;
  // A hungry worker is one that is known to be quick; it has not taken all only because a batch is full.
  if (state.hungry.length === 0 && !hasQuickWorker(state)) return true;
  return queued * (first?.runTime.mean ?? UNKNOWN_WORK_MS) >= WORTH_A_START_MS;
}

function hasQuickWorker(state: PoolState): boolean {
  for (const worker of state.workers) {
    if (worker.state === "ready" && !worker.isStalled && !worker.isSpent && worker.handed.first?.runTime.mean !== undefined)
      return worker.expectedMs < WORTH_A_START_MS;
  }
  return false;
}

function startWorker(state: PoolState): void {
  const worker = new Worker(state.freeIndexes.pop() ?? state.nextIndex++, state.now, state.settings.maxTasksPerWorker, state.rings);
  state.workers.add(worker);
  state.starting.add(worker);
  worker.isHeld = true;
  state.instruct({ type: "startWorker", worker });
}

/** It is told to end when it has nothing left to do, and is given nothing more. */
export function stopWorker(state: PoolState, worker: Worker): void {
  withdrawWorker(state, worker);
  state.leaving += 1;
  worker.state = "stopping";
  state.instruct({ type: "stopWorker", worker });
  state.alarms.set(worker.leave, state.now + state.settings.stopGrace);
  holdIfAwaited(state, worker);
}

export function killWorker(state: PoolState, worker: Worker): void {
  if (worker.state === "killed" || worker.state === "gone") return;
  withdrawWorker(state, worker);
  if (worker.state !== "stopping") state.leaving += 1;
  worker.state = "killed";
  state.instruct({ type: "killWorker", worker });
  hold(state, worker);
}

/** It has exited, or was left behind. */
export function removeWorker(state: PoolState, worker: Worker): void {
  withdrawWorker(state, worker);
  if (worker.state === "stopping" || worker.state === "killed") state.leaving -= 1;
  worker.state = "gone";
  state.workers.delete(worker);
  state.freeIndexes.push(worker.index);
  release(state, worker);
}

/** Someone waits for the end of a worker when the pool closes or a task needs the place; else the program may end first. */
function holdIfAwaited(state: PoolState, worker: Worker): void {
  if (state.phase === "closing" || state.tasks > 0) hold(state, worker);
  else release(state, worker);
}

function withdrawWorker(state: PoolState, worker: Worker): void {
  if (state.idle.has(worker)) state.idle.remove(worker);
  state.starting.delete(worker);
  forgetHunger(state, worker);
  state.overrunning.delete(worker);
  state.alarms.silence(worker.leave);
  state.alarms.silence(worker.watch);
  state.alarms.silence(worker.grace);
}

/** Workers that are still idle after this turn's tasks have been placed start their wait, and no longer keep the program alive. */
export function settleIdle(state: PoolState): void {
  const { newlyIdle } = state;
  for (const worker of newlyIdle) {
    worker.isNewlyIdle = false;
    if (state.idle.has(worker)) letIdle(state, worker);
  }
  // Setting its length would take as long as all else.
  while (newlyIdle.length > 0) newlyIdle.pop();
}

function letIdle(state: PoolState, worker: Worker): void {
  if (isDone(state) || state.staying > state.places) return stopWorker(state, worker);
  release(state, worker);
  if (state.settings.idleTimeout === 0) leaveIfIdle(state, worker);
  else state.alarms.set(worker.leave, state.now + state.settings.idleTimeout);
}

/** Nothing will come any more. */
export function isDone(state: PoolState): boolean {
  return state.tasks === 0 && (state.phase !== "open" || state.isBroken);
}

/** Its alarm rings when it has been idle for too long, or does not stop. */
export function leaveIfIdle(state: PoolState, worker: Worker): void {
  if (worker.state === "stopping") return killWorker(state, worker);
  if (state.idle.has(worker) && state.staying > state.settings.minWorkers) stopWorker(state, worker);
}
