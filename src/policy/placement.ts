// Decides which worker gets which of the queued tasks, at the end of each turn of the event loop.

import { mayJoin } from "./batching.ts";
import { mayStart } from "./lending.ts";
import type { PoolState } from "./pool-state.ts";
import { dequeue } from "./queueing.ts";
import { dispatchTasks, takeBackUnstarted } from "./running.ts";
import type { Task } from "./task.ts";
import type { TaskQueue } from "./task-queue.ts";
import type { Worker } from "./worker.ts";

/** Less unstarted work than this is not worth taking from a worker that is at it, in milliseconds. Should it take longer, the worker overruns. */
const WORTH_TAKING_MS = 0.2;

const NOBODY: readonly Worker[] = [];

export function placeTasks(state: PoolState): void {
  if (state.lent.length > 0) placeOnIdle(state, state.lent, true, 0);
  if (state.queue.length === 0) return void (state.atLast.length = 0);
  // Listed before the idle ones get their tasks: nobody is given two batches in one turn.
  const hungry = state.hungry.size === 0 ? NOBODY : [...state.hungry];
  placeOnIdle(state, state.queue, false, hungry.length);
  for (const [index, worker] of hungry.entries()) {
    if (state.queue.length === 0) break;
    giveBatch(state, worker, state.queue, hungry.length - index);
  }
  if (state.atLast.length > 0) placeOnThoseAtLast(state);
}

/** It is as good as idle, although it has tasks that it could not answer for. */
export function cameToLast(state: PoolState, worker: Worker): void {
  if (worker.state === "ready" && worker.hasClaims && worker.handed.length > 0 && !worker.isStalled && !worker.isSpent) state.atLast.push(worker);
}

function placeOnThoseAtLast(state: PoolState): void {
  for (const [index, worker] of state.atLast.entries()) {
    if (state.queue.length === 0) break;
    worker.isAtLast = true;
    giveBatch(state, worker, state.queue, state.atLast.length - index);
    worker.isAtLast = false;
  }
  state.atLast.length = 0;
}

/** The idle worker that the next task would be placed on, if there is one for it and for those before it. */
export function nextPlace(state: PoolState): Worker | undefined {
  let worker = state.idle.last;
  for (let before = state.queue.length + state.lent.length; before > 0 && worker !== undefined; before -= 1) worker = worker.previous;
  return worker;
}

/** What waits behind a task that takes long goes back to the queue, if there is anyone to take it from there. */
export function rescueOverrun(state: PoolState): void {
  if (state.overrunning.size === 0) return;
  if (state.idle.length === 0 && state.hungry.size === 0 && state.workers.size >= state.places) return;
  for (const worker of state.overrunning) takeBackUnstarted(state, worker, worker.handed.length - 1);
  state.overrunning.clear();
}

/** An idle worker takes from the one with the most unstarted work: half of it. */
export function takeFromOthers(state: PoolState): void {
  if (state.unstarted === 0 || state.idle.length === 0 || state.queue.length > 0) return;
  const loaded = mostLoaded(state);
  if (loaded !== undefined) takeBackUnstarted(state, loaded, loaded.handed.length >> 1);
}

/** `others`: how many workers will be asked after the idle ones. */
function placeOnIdle(state: PoolState, queue: TaskQueue, isLent: boolean, others: number): void {
  while (queue.length > 0 && state.idle.last !== undefined && mayStart(state, isLent)) {
    const worker = state.idle.last;
    state.idle.remove(worker);
    state.alarms.silence(worker.leave);
    giveBatch(state, worker, queue, 1 + state.idle.length + others);
  }
}

/** `sharers`: how many workers the queue must do for, this one included. With few tasks every one gets as many. */
function giveBatch(state: PoolState, worker: Worker, queue: TaskQueue, sharers: number): void {
  const batch = takeBatch(state, worker, queue, Math.ceil(queue.length / sharers));
  if (batch.length > 0) dispatchTasks(state, worker, batch);
}

function takeBatch(state: PoolState, worker: Worker, queue: TaskQueue, share: number): Task[] {
  const most = Math.min(share, worker.tasksLeft);
  const batch: Task[] = [];
  let batchMs = 0;
  for (let task = queue.first; task !== undefined && batch.length < most; task = queue.first) {
    if (!mayJoin(state, worker, task, batch, batchMs)) break;
    batchMs += task.runTime.mean ?? 0;
    dequeue(state, task);
    batch.push(task);
  }
  return batch;
}

function mostLoaded(state: PoolState): Worker | undefined {
  let loaded: Worker | undefined;
  let mostMs = WORTH_TAKING_MS;
  for (const worker of state.workers) {
    const unstartedMs = worker.handed.length > 1 ? worker.expectedMs - (worker.handed.first?.expectedMs ?? 0) : 0;
    if (worker.state !== "ready" || unstartedMs < mostMs) continue;
    mostMs = unstartedMs;
    loaded = worker;
  }
  return loaded;
}
