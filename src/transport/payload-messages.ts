// What a pool and its worker process say to each other about the memory that both see. Neither the pool's engine nor the far
// side hears of it: the transport keeps it to itself.

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

export type FromWorkerAboutMemory = MemoryWanted | MemoryOpened | MemoryRefused;

export function isAboutMemory(message: { readonly type: string }): message is FromWorkerAboutMemory {
  return message.type.startsWith("memory");
}

/** The word of a worker's results that says of how many `finished` messages the pool has taken all results. */
export const TAKEN_WORD = 0;
