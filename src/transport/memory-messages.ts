// What a pool and its worker process say to each other about the memory that both see. Neither the pool's engine nor the far
// side hears of it: the transport keeps it to itself.

import type { ComingValue } from "./head-start.ts";
import type { SharedBytesPlace } from "./shared-bytes.ts";

/** The memory that values for workers lie in, and that for this worker's results. */
export interface MemoryOffer {
  readonly type: "memory";
  readonly values: SharedBytesPlace;
  readonly results: SharedBytesPlace;
}

/** The worker has had a large result, and no memory to put it down in. */
export interface MemoryWanted {
  readonly type: "memoryWanted";
}

/** From now on the worker reads and writes the memory that it was offered. */
export interface MemoryOpened {
  readonly type: "memoryOpened";
  /** Why it is not mapped, if it is not. */
  readonly reason: string | undefined;
}

export interface MemoryRefused {
  readonly type: "memoryRefused";
  readonly reason: string;
}

/** A large value is being written that will most likely go to who is told. */
export interface ValueComing extends ComingValue {
  readonly type: "memoryComing";
}

/** A message that is itself too large for a socket to be quick: its bytes are in the memory of its sender. */
export interface MemoryFrame {
  readonly type: "memoryFrame";
  readonly at: number;
  readonly size: number;
}

/** The memory for control words and rings (process-memory.ts), open in the pool's process. */
export interface WordsOffer {
  readonly type: "memoryWords";
  readonly pid: number;
  readonly descriptor: number;
  /** Milliseconds for which the worker looks for a task before it waits for one. */
  readonly spinMs: number;
}

/** The worker uses them. One that cannot says nothing, and all goes on without them. */
export interface WordsOpened {
  readonly type: "memoryWordsOpened";
}

export type ToWorkerAboutValues = MemoryOffer | MemoryFrame | ValueComing;
export type FromWorkerAboutValues = MemoryWanted | MemoryOpened | MemoryRefused | MemoryFrame | ValueComing;

export type ToWorkerAboutMemory = ToWorkerAboutValues | WordsOffer;
export type FromWorkerAboutMemory = FromWorkerAboutValues | WordsOpened;

export function isAboutMemory(message: { readonly type: string }): message is FromWorkerAboutMemory {
  return message.type.startsWith("memory");
}

/** Words of a worker's results: of how many `finished` messages the pool has taken all results. */
export const TAKEN_WORD = 0;
/** How many messages in memory the worker, and the pool, has read. */
export const READ_BY_WORKER_WORD = 1;
export const READ_BY_POOL_WORD = 2;

/** How far a word is beyond a count; below 0 if it has not reached it. Words wrap as 32-bit numbers do, which takes some hours of tiny tasks; counts run on. */
export function wordBeyond(word: number, count: number): number {
  return (word - count) | 0;
}
