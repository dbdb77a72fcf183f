// What policy may not have left undone: at the end of a turn, and whenever all that came of an event has been told.
// Called by tests, never by a pool.

import { mayStart } from "./lending.ts";
import type { PoolState } from "./pool-state.ts";
import type { Task } from "./task.ts";
import type { Worker } from "./worker.ts";

/** The first thing that the turn that has just ended should have done, in words; `undefined` if it has done all. */
export function findOmission(state: PoolState): string | undefined {
  for (const omission of omissions(state)) return omission;
  return undefined;
}

/** The first thing that nobody will ever look at again, in words; `undefined` if there is none. Not while events wait to be told. */
export function findOversight(state: PoolState): string | undefined {
  if (state.phase === "closed") return undefined;
  for (const oversight of oversights(state)) return oversight;
  return undefined;
}

function* omissions(state: PoolState): Generator<string> {
  if (state.phase === "closed") return;
  if (state.idle.length > 0 && state.queue.length > 0 && mayStart(state, false)) yield "a worker is idle while a task is queued";
  if (state.idle.length > 0 && state.lent.length > 0 && mayStart(state, true)) yield "a worker is idle while a task is queued that is lent a place";
  if (state.queue.length + state.lent.length > 0 && !isSomeoneComing(state)) yield "tasks are queued, and no worker will ever come for them";
  for (const worker of state.workers) yield* ofWorkerAfterTurn(state, worker);
  if (state.newlyIdle.length > 0) yield "a worker that became idle was not looked at";
  if (state.newlyOverrunning.length > 0) yield "nobody asked for what a worker holds back that overruns";
  if (state.tasks === 0 && state.phase === "closing" && state.workers.size === 0) yield "nothing is left, and the pool is not closed";
}

function isSomeoneComing(state: PoolState): boolean {
  return state.busy > 0 || state.starting.size > 0 || state.leaving > 0 || state.restartAlarm.isSet;
}

function* ofWorkerAfterTurn(state: PoolState, worker: Worker): Generator<string> {
  const { idleTimeout, minWorkers } = state.settings;
  const name = `worker ${worker.index}`;
  const isIdle = state.idle.has(worker);
  if (isIdle && worker.isHeld) yield `${name} is idle and keeps the program alive`;
  if (isIdle && idleTimeout !== Infinity && state.staying > minWorkers && !worker.leave.isSet) yield `${name} is idle and will never leave`;
  if (worker.state === "starting" && worker.isHeld !== state.tasks > 0) yield `${name} starts, and does (or does not) keep the program alive`;
  if (worker.isSpent && isIdle) yield `${name} is spent, and idle instead of leaving`;
  const isOver = state.tasks === 0 && (state.phase === "closing" || state.isBroken);
  if (isOver && (isIdle || worker.state === "starting")) yield `${name} stays although nothing will come any more`;
  if (isOver && state.phase === "closing" && !worker.isHeld) yield `${name} is not waited for although the pool closes`;
}

function* oversights(state: PoolState): Generator<string> {
  for (const task of state.queue) yield* ofWaiting(task);
  for (const task of state.lent) yield* ofWaiting(task);
  for (const [task, alarm] of state.waiting) {
    if (!alarm.isSet) yield "a task waits for an attempt that nobody will begin";
    yield* ofWaiting(task);
  }
  for (const worker of state.workers) yield* ofWorker(worker);
}

/** A limit in time is watched wherever the task waits. */
function* ofWaiting(task: Task): Generator<string> {
  const due = task.attempts === 0 ? Math.min(task.waitsUntil, task.traits.deadlineAt) : task.traits.deadlineAt;
  if (due !== Infinity && !(task.limit?.isSet === true && task.limit.at <= due)) yield `a ${task.place} task is not watched although its time ends at ${due}`;
}

function* ofWorker(worker: Worker): Generator<string> {
  const name = `worker ${worker.index}`;
  const task = worker.handed.first;
  if (worker.state === "stopping" && !worker.leave.isSet) yield `${name} was told to stop, and nobody looks whether it does`;
  if (worker.state !== "ready" || task === undefined) return;
  if (!task.hasStarted) yield `${name} has a first task that has not been started`;
  // An aborted one is watched by who has seen whether it still runs.
  if (task.ghostOf !== undefined) return;
  if (Number.isFinite(Math.min(task.traits.timeout, task.traits.deadlineAt)) && task.limit === undefined)
    yield `${name} runs a task whose time limit nobody watches`;
  if (task.limit?.isSet === true && task.limit.at > task.traits.deadlineAt) yield `${name} runs a task that is not looked at before its deadline`;
}
