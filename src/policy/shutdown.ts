// Decides how a pool comes to its end: tasks first, then workers.

import { hold } from "./holding.ts";
import type { PoolState } from "./pool-state.ts";
import { cancelTask, leavePlace, unhandedTasks } from "./queueing.ts";
import { takeBackUnstarted } from "./running.ts";
import { isDone, killWorker, stopWorker } from "./staffing.ts";
import { endRunning, failUnhanded } from "./losses.ts";

export function shutdownRequested(state: PoolState, cancelPending: boolean): void {
  if (state.phase === "open") state.phase = "closing";
  if (!cancelPending || state.cancelsPending) return;
  state.cancelsPending = true;
  for (const task of unhandedTasks(state)) {
    // Its retry options are being asked: it is cancelled once they have answered.
    if (task.place === "deciding") continue;
    leavePlace(state, task);
    cancelTask(state, task);
  }
  for (const worker of state.workers) takeBackUnstarted(state, worker, worker.handed.length);
}

export function terminateRequested(state: PoolState): void {
  if (state.phase === "closed") return;
  state.phase = "closing";
  state.cancelsPending = true;
  state.isTerminated = true;
  failUnhanded(state, "terminated");
  endRunning(state, "terminated");
  for (const worker of [...state.workers]) killWorker(state, worker);
}

/** At the end of a turn: once the last task has ended the workers go, and once the last of these has gone the pool is closed. */
export function finishIfDone(state: PoolState): void {
  if (!isDone(state)) return;
  for (const worker of [...state.workers]) {
    if (worker.state === "starting" || (worker.state === "ready" && worker.handed.length === 0)) stopWorker(state, worker);
    // One that was leaving before the pool closed is waited for from now on.
    else if (state.phase === "closing") hold(state, worker);
  }
  if (state.workers.size > 0 || state.phase !== "closing") return;
  state.phase = "closed";
  state.alarms.silence(state.restartAlarm);
  state.instruct({ type: "clearTimer" });
  state.timerAt = Infinity;
  state.instruct({ type: "finishShutdown" });
}
