// Decides which worker gets which of the queued tasks, at the end of each turn of the event loop.

import { batchMsOf, mayJoin } from "./batching.ts";
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
const NO_TASKS: readonly Task[] = [];

/** `atLast`: workers that are as good as idle, although they have tasks that they could not answer for. */
export function placeTasks(state: PoolState, atLast: readonly Worker[] = NOBODY): void {
  if (state.lent.length > 0) placeOnIdle(state, state.lent, true, 0);
  if (state.queue.length === 0) return;
  // Listed before the idle ones get their tasks: nobody is given two batches in one turn.
  const hungry = state.hungry.length === 0 ? NOBODY : [...state.hungry];
  const asGoodAsIdle = atLast.length === 0 ? NOBODY : atLast.filter((worker) => mayHaveOneMore(state, worker));
  const takers = asGoodAsIdle.length === 0 ? hungry : [...new Set([...hungry, ...asGoodAsIdle])];
  placeOnIdle(state, state.queue, false, takers.length);
  for (const [index, worker] of takers.entries()) {
    if (state.queue.length === 0) return;
    giveBatch(state, worker, state.queue, takers.length - index, asGoodAsIdle.includes(worker));
  }
}

function mayHaveOneMore(state: PoolState, worker: Worker): boolean {
  return worker.state === "ready" && worker.hasClaims && !worker.isStalled && !worker.isSpent && worker.handed.length < state.settings.slots;
}

/** The idle worker that the next task would be placed on, if there is one for it and for those before it. */
export function nextPlace(state: PoolState): Worker | undefined {
  let worker = state.idle.last;
  for (let before = state.queue.length + state.lent.length; before > 0 && worker !== undefined; before -= 1) worker = worker.previous;
  return worker;
}

/** What waits in a worker gives way to what is more urgent and waits for one. */
export function makeWayForUrgent(state: PoolState): void {
  const urgent = state.queue.hasPriorities ? state.queue.first : undefined;
  if (urgent === undefined || state.unstarted === 0) return;
  for (const worker of state.workers) {
    const last = worker.handed.last;
    if (last !== undefined && last.traits.priority < urgent.traits.priority) takeBackUnstarted(state, worker, worker.handed.length - 1);
  }
}

/** What waits behind a task that takes long goes back to the queue, if there is anyone to take it from there. */
export function rescueOverrun(state: PoolState): void {
  if (state.overrunning.size === 0) return;
  if (state.idle.length === 0 && state.hungry.length === 0 && state.workers.size >= state.places) return;
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
    giveBatch(state, worker, queue, 1 + state.idle.length + others, true);
  }
}

/** `sharers`: how many workers the queue must do for, this one included. With few tasks every one gets as many. `hasNone`: its tasks, if any, are as good as done. */
function giveBatch(state: PoolState, worker: Worker, queue: TaskQueue, sharers: number, hasNone: boolean): void {
  const batch = takeBatch(state, worker, queue, Math.ceil(queue.length / sharers), hasNone);
  if (batch.length > 0) dispatchTasks(state, worker, batch);
}

function takeBatch(state: PoolState, worker: Worker, queue: TaskQueue, share: number, hasNone: boolean): readonly Task[] {
  const most = Math.min(share, worker.tasksLeft);
  const first = queue.first;
  if (first === undefined || most === 0) return NO_TASKS;
  const mostMs = batchMsOf(state, first);
  if (!hasNone && !mayJoin(state, worker, first, { tasks: NO_TASKS, ms: 0, mostMs })) return NO_TASKS;
  dequeue(state, first);
  const batch = { tasks: [first], ms: first.runTime.mean ?? 0, mostMs };
  for (let task = queue.first; task !== undefined && batch.tasks.length < most && mayJoin(state, worker, task, batch); task = queue.first) {
    batch.ms += task.runTime.mean ?? 0;
    dequeue(state, task);
    batch.tasks.push(task);
  }
  return batch.tasks;
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
