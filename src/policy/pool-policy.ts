// The brain of every pool: what happened goes in, what must be done comes out. No clock, no worker, no input or
// output: the pool carries out the instructions, in order, and tells what comes of them as further events.

import type { PoolEvent } from "./events.ts";
import { settleIdle, startFirst, startWorkers, leaveIfIdle } from "./staffing.ts";
import { holdStarting } from "./holding.ts";
import type { PoolInstruction } from "./instructions.ts";
import { adopt } from "./lending.ts";
import { breakPool, workerExited, workerGarbled, workerRefused } from "./losses.ts";
import { makeWayForUrgent, nextPlace, placeTasks, rescueOverrun, takeFromOthers } from "./placement.ts";
import { PoolState } from "./pool-state.ts";
import type { Phase, PolicySettings } from "./pool-state.ts";
import { cancelTask, endTask, enqueue, failTask, leavePlace } from "./queueing.ts";
import { retryDecided } from "./retries.ts";
import {
  firstWithdrawn,
  graceEnded,
  notesRead,
  overran,
  readNotes,
  settleWorker,
  taskAborted,
  taskFinished,
  tasksTakenBack,
  workerLoading,
  workerReported,
} from "./running.ts";
import type { RunTime } from "./run-times.ts";
import { finishIfDone, shutdownRequested, terminateRequested } from "./shutdown.ts";
import type { Task } from "./task.ts";
import { taskLookedAt } from "./time-limits.ts";
import { unhandTask } from "./handing.ts";
import type { Worker } from "./worker.ts";

/** Whether a pool takes a task now, and if not, why. */
export type Admission = "admitted" | "full" | "shutdown" | "broken";

export class PoolPolicy {
  readonly state: PoolState;

  constructor(settings: PolicySettings) {
    const state: PoolState = new PoolState(settings, {
      leave: (worker) => leaveIfIdle(state, worker),
      watch: (worker) => overran(state, worker),
      grace: (worker) => graceEnded(state, worker),
    });
    this.state = state;
  }

  get phase(): Phase {
    return this.state.phase;
  }

  get isBroken(): boolean {
    return this.state.isBroken;
  }

  /** Tasks that have not ended. */
  get tasks(): number {
    return this.state.tasks;
  }

  /** Whether there are tasks and no worker at them that keeps the program alive: perhaps only the timer does. */
  get waitsForTime(): boolean {
    const { tasks, busy, settings } = this.state;
    return tasks > 0 && (busy === 0 || settings.isInThread);
  }

  /** Tasks that run, as best known. */
  get running(): number {
    let running = 0;
    for (const worker of this.state.workers) {
      const first = worker.handed.first;
      if (first !== undefined && first.ghostOf === undefined) running += 1;
    }
    return running;
  }

  /** What is known of the run time of functions with this key. */
  runTimeOf(key: string | number | object): RunTime {
    return this.state.runTimes.of(key);
  }

  /** Asked before a task is submitted. */
  get admission(): Admission {
    const { isBroken, phase, tasks, settings } = this.state;
    if (isBroken) return "broken";
    if (phase !== "open") return "shutdown";
    // As many as there are places need not wait.
    return tasks - settings.maxWorkers >= settings.maxQueue ? "full" : "admitted";
  }

  /** Whether the only task that waits could be placed now. */
  get canPlaceAtOnce(): boolean {
    return this.state.queue.length === 1 && this.state.idle.length > 0;
  }

  /** The worker that gets the next task if it is submitted now, as far as that can be told. */
  get nextPlace(): Worker | undefined {
    return nextPlace(this.state);
  }

  /** Takes in what happened at `now`. The array that it returns is used again for the next event. */
  handle(event: PoolEvent, now: number): readonly PoolInstruction[] {
    const { state } = this;
    state.now = now;
    // Setting its length would drop the array's memory, and the next instruction would have to ask for it again.
    while (state.instructions.length > 0) state.instructions.pop();
    this.#take(event);
    if (state.alarms.next < state.timerAt) this.#setTimer(state.alarms.next);
    return state.instructions;
  }

  #take(event: PoolEvent): void {
    const { state } = this;
    switch (event.type) {
      case "taskExpected":
        return startFirst(state);
      case "taskSubmitted":
        return taskSubmitted(state, event.task, event.parent);
      case "workerLoading":
        return workerLoading(state, event.worker, event.task);
      case "taskFinished":
        return taskFinished(state, event.task, event.ok, event.durationMs);
      case "workerReported":
        return workerReported(state, event.worker, event.memory);
      case "notesRead":
        return notesRead(state, event.worker);
      case "turnEnded":
        return turnEnded(state, event.goesOn === true, event.atLast);
      case "taskWithdrawn":
        return taskWithdrawn(state, event.task, event.takenBack);
      case "taskAborted":
        return taskAborted(state, event.task, event.mayRetry, event.hasPassed);
      case "taskLookedAt":
        return taskLookedAt(state, event.task, event.hasBegun);
      case "taskUnsendable":
        return taskUnsendable(state, event.task);
      case "retryDecided":
        return retryDecided(state, event.task, event.delayMs);
      case "tasksTakenBack":
        return tasksTakenBack(state, event.worker, event.tasks);
      case "workerReady":
        return workerReady(state, event.worker, event.hasClaims);
      case "workerGarbled":
        return workerGarbled(state, event.worker, event.task);
      case "workerRefused":
        return workerRefused(state, event.worker);
      case "workerExited":
        return workerExited(state, event.worker, event.begun);
      case "poolUnusable":
        return breakPool(state, "unusable", false);
      case "timePassed":
        state.timerAt = Infinity;
        return state.alarms.ringDue(state.now);
      case "shutdownRequested":
        return shutdownRequested(state, event.cancelPending);
      case "terminateRequested":
        return terminateRequested(state);
    }
  }

  #setTimer(at: number): void {
    this.state.timerAt = at;
    this.state.instruct({ type: "setTimer", at });
  }
}

function taskSubmitted(state: PoolState, task: Task, parent: Task | undefined): void {
  state.tasks += 1;
  if (state.isBroken) return failTask(state, task, "broken");
  if (state.isTerminated) return failTask(state, task, "terminated");
  // Admitted while the event that ended all waiting waited for its own turn.
  if (state.cancelsPending) return cancelTask(state, task);
  if (parent !== undefined) adopt(state, task, parent);
  if (task.traits.queueTimeout !== Infinity) task.waitsUntil = state.now + task.traits.queueTimeout;
  enqueue(state, task);
}

function taskWithdrawn(state: PoolState, task: Task, takenBack: boolean): void {
  if (task.place === "ended") return;
  // It was handed over while this event waited for its turn.
  if (task.place === "handed" && !takenBack) return taskAborted(state, task, false, false);
  if (task.place === "handed") {
    if (mayBeStuck(state, task)) return firstWithdrawn(state, task);
    const worker = unhandTask(state, task);
    worker.tasksLeft += 1;
    endTask(state, task);
    return settleWorker(state, worker);
  }
  leavePlace(state, task);
  endTask(state, task);
}

/** Nothing is before it, and its worker has not begun it: it may be just about to, or load a module, or never come to it. */
function mayBeStuck(state: PoolState, task: Task): boolean {
  const { worker } = task;
  return worker?.state === "ready" && worker.handed.first === task && !state.settings.isInThread;
}

function taskUnsendable(state: PoolState, task: Task): void {
  if (task.worker === undefined) return;
  const worker = unhandTask(state, task);
  worker.tasksLeft += 1;
  failTask(state, task, "unsendable");
  settleWorker(state, worker);
}

function workerReady(state: PoolState, worker: Worker, hasClaims: boolean): void {
  if (worker.state !== "starting") return;
  worker.state = "ready";
  worker.hasClaims = hasClaims;
  state.starting.delete(worker);
  settleWorker(state, worker);
}

function turnEnded(state: PoolState, goesOn: boolean, atLast: readonly Worker[] | undefined): void {
  // Of one awaited task after another, one turn in two has nothing to place.
  if (goesOn && state.queue.length === 0 && state.lent.length === 0 && state.unstarted === 0) return;
  if (state.newlyOverrunning.length > 0) readNotes(state);
  placeTasks(state, atLast);
  makeWayForUrgent(state);
  rescueOverrun(state);
  takeFromOthers(state);
  startWorkers(state);
  if (state.starting.size > 0) holdStarting(state);
  if (goesOn) return;
  settleIdle(state);
  finishIfDone(state);
}
