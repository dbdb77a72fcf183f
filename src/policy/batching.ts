// Decides how many tasks travel together. A batch is only a way to carry tasks: whatever is handed over and has not
// begun can be taken back, where the worker has claims; where it has none, a batch is one task.

import type { PoolState } from "./pool-state.ts";
import type { Task } from "./task.ts";
import type { Worker } from "./worker.ts";

/** The work in one batch, in milliseconds. Smaller: more messages for short tasks. Larger: more to take back when a long one comes. */
export const BATCH_MS = 1;
/** The same for tasks of about a millisecond while very many of them wait: they then wait so long that a few milliseconds more do not count. */
const LARGEST_BATCH_MS = 8;
/** A larger batch is at most one part in so many of what its worker would have to do of the queue. Fewer: outcomes come later than their tasks' wait excuses. */
const QUEUE_PARTS = 32;
/** Tasks shorter than this, in milliseconds, fill a batch of the usual size with so many that a larger one saves nothing. */
const SHORTEST_FOR_LARGER_MS = BATCH_MS / 10;
/** If one of its tasks took longer lately, in milliseconds, a function gets no larger batches: too much would wait behind the next. */
const LONGEST_FOR_LARGER_MS = 2 * LARGEST_BATCH_MS;
/** For how long a worker holds back outcomes of short tasks, in milliseconds. Smaller: more messages for tiny tasks. Larger: callers hear later. */
const PATIENCE_MS = 0.25;
/**
 * A task that takes up to this long, in milliseconds, is sent ahead of time, so that its worker finds it when the one before
 * has ended. Shorter: workers of longer tasks wait for each. Longer: more to take back when a more urgent one comes.
 */
const LONGEST_AHEAD_MS = 5;
/** Tasks for each worker that must be left: the last ones go to whoever is free first. */
const LEFT_PER_WORKER = 2;
/** Batches in flight to one worker: one runs while the next is on its way. */
const BATCHES = 2;
/** A run time that was never measured counts as this much. */
const UNKNOWN_MS = 1;

export function expectedMsOf(task: Task): number {
  return task.runTime.mean ?? UNKNOWN_MS;
}

/** Items read ahead at most. More: an endless input of a pool without bound is read until memory ends. Fewer: that pool's bound. */
const LONGEST_READ_AHEAD = 10_000;

/** Tasks to have at hand for every worker to be busy and the next batches to be full. `mean`: their run time, if known. */
export function readAhead(state: PoolState, mean: number | undefined): number {
  const perWorker = mean === undefined ? 1 : Math.ceil((BATCHES * BATCH_MS) / Math.max(mean, (BATCHES * BATCH_MS) / state.settings.slots));
  // As many again as are under way, to be queued by the time that those are done.
  return Math.min(2 * perWorker * state.settings.maxWorkers, LONGEST_READ_AHEAD);
}

/** The work in one batch of tasks such as this one, in milliseconds. */
export function batchMsOf(state: PoolState, { runTime: { mean, longest } }: Task): number {
  if (mean === undefined || mean < SHORTEST_FOR_LARGER_MS || longest > LONGEST_FOR_LARGER_MS) return BATCH_MS;
  const part = (state.queue.length * mean) / (QUEUE_PARTS * state.workers.size);
  return Math.min(LARGEST_BATCH_MS, Math.max(BATCH_MS, part));
}

/**
 * For how long outcomes may be held back while such a task runs, in milliseconds: nothing can be sent meanwhile. 0: it takes too
 * long to be waited for. One of a short function may, too: when it overruns, the others are read from the worker's notes.
 */
export function patienceBefore(state: PoolState, task: Task): number {
  if ((task.runTime.mean ?? Infinity) <= PATIENCE_MS) return PATIENCE_MS;
  const batchMs = batchMsOf(state, task);
  return batchMs > BATCH_MS ? batchMs / BATCHES : 0;
}

/** Whether a ready worker that has tasks could take another one now. */
export function isHungry(state: PoolState, worker: Worker): boolean {
  if (worker.isStalled || worker.isSpent || worker.handed.last === undefined || state.settings.isInThread) return false;
  if (worker.hasClaims) return hasRoom(state, worker);
  return worker.handed.length === 1 && isShort(worker.handed.last);
}

/** A batch while it is put together: what its tasks take, and should take at most, in milliseconds. */
export interface BatchDraft {
  readonly tasks: readonly Task[];
  readonly ms: number;
  readonly mostMs: number;
}

/** Whether `task` may join the batch on its way to `worker`: behind one or more that it has, or that come before. */
export function mayJoin(state: PoolState, worker: Worker, task: Task, { tasks: batch, ms, mostMs }: BatchDraft): boolean {
  const inFlight = worker.handed.length + batch.length;
  // Within a thread a message costs next to nothing, and what was not handed over can still be cancelled.
  if (state.settings.isInThread) return false;
  if (!worker.hasClaims) return mayFollowUnclaimed(worker, task, inFlight);
  if (inFlight >= state.settings.slots) return false;
  const chunkSize = task.traits.chunkSize;
  if (chunkSize !== undefined) return fitsChunk(task, batch, chunkSize * batchesFor(worker));
  // Until it has been timed, a task of this function may well be a long one.
  if (task.runTime.mean === undefined) return false;
  return ms + task.runTime.mean <= mostMs * batchesFor(worker) || (inFlight === 1 && maySendAhead(state, task.runTime.mean));
}

function maySendAhead(state: PoolState, mean: number): boolean {
  return mean <= LONGEST_AHEAD_MS && state.queue.length > LEFT_PER_WORKER * state.workers.size;
}

function hasRoom(state: PoolState, worker: Worker): boolean {
  const last = worker.handed.last as Task;
  if (worker.handed.length > state.settings.slots / BATCHES) return false;
  if (last.traits.chunkSize !== undefined) return worker.handed.length <= last.traits.chunkSize;
  if (last.runTime.mean === undefined) return false;
  return worker.expectedMs < batchMsOf(state, last) || (worker.handed.length === 1 && last.runTime.mean <= LONGEST_AHEAD_MS);
}

function batchesFor(worker: Worker): number {
  return worker.handed.length === 0 ? BATCHES : 1;
}

function fitsChunk(task: Task, batch: readonly Task[], most: number): boolean {
  const head = batch[0];
  return batch.length < most && (head === undefined || head.traits === task.traits);
}

/**
 * Without claims a task that was handed over is as good as running, so only a short one may be sent behind a short one.
 * In this thread none is: no time is lost on the way, and the task could not be cancelled any more.
 */
function mayFollowUnclaimed(worker: Worker, task: Task, inFlight: number): boolean {
  return inFlight === 1 && isShort(task) && (worker.handed.last === undefined || isShort(worker.handed.last));
}

function isShort(task: Task): boolean {
  return task.runTime.mean !== undefined && task.runTime.mean < BATCH_MS;
}
