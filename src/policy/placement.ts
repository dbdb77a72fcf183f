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

export function placeTasks(state: PoolState): void {
  placeOnIdle(state, state.lent, true);
  placeOnIdle(state, state.queue, false);
  for (const worker of state.hungry) {
    if (state.queue.length === 0) return;
    if (mayStart(state, false) || worker.handed.length > 0) giveBatch(state, worker, state.queue);
  }
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

function placeOnIdle(state: PoolState, queue: TaskQueue, isLent: boolean): void {
  while (queue.length > 0 && state.idle.last !== undefined && mayStart(state, isLent)) {
    const worker = state.idle.last;
    state.idle.remove(worker);
    state.alarms.silence(worker.leave);
    giveBatch(state, worker, queue);
  }
}

function giveBatch(state: PoolState, worker: Worker, queue: TaskQueue): void {
  const batch = takeBatch(state, worker, queue);
  if (batch.length > 0) dispatchTasks(state, worker, batch);
}

function takeBatch(state: PoolState, worker: Worker, queue: TaskQueue): Task[] {
  const most = Math.min(fairShare(state, worker, queue), worker.tasksLeft);
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

/** With few tasks queued, every ready worker gets as many. */
function fairShare(state: PoolState, worker: Worker, queue: TaskQueue): number {
  const others = state.idle.length + state.hungry.size - (state.hungry.has(worker) ? 1 : 0);
  return Math.ceil(queue.length / (others + 1));
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
