// What a pool and one of its worker processes share in mapped memory: control words, which are then as quick as those of
// threads, and rings. It is made for those who spin, and for a worker that has been given so many tasks that it pays: loading
// what it takes costs each side some milliseconds. Until then, and where it cannot be had, a file and the socket do.

import { openSync } from "node:fs";
import { CLAIMS_SIZE } from "./claims.ts";
import { createMappedMemory, openMappedMemory, type MappedMemory } from "./mapped-memory.ts";
import type { WordsOffer } from "./memory-messages.ts";
import { RING_CHANNEL_SIZE, type RingPlace } from "./ring-channel.ts";

/** Where the rings are, in bytes, a multiple of 64. The control words come first. */
const RINGS_OFFSET = CLAIMS_SIZE;
const SIZE = RINGS_OFFSET + RING_CHANNEL_SIZE;

/** The pool's side; undefined where memory cannot be shared. */
export function createProcessMemory(): MappedMemory | undefined {
  const memory = createMappedMemory(SIZE);
  return "reason" in memory ? undefined : memory;
}

export function offerOf({ descriptor }: MappedMemory, spinMs: number): WordsOffer {
  return { type: "memoryWords", pid: process.pid, descriptor, spinMs };
}

/** The worker's side; undefined if it cannot map it. */
export function openProcessMemory({ pid, descriptor }: WordsOffer): MappedMemory | undefined {
  try {
    const memory = openMappedMemory(openSync(`/proc/${pid}/fd/${descriptor}`, "r+"));
    return "reason" in memory ? undefined : memory;
  } catch {
    return undefined;
  }
}

export function ringsIn({ buffer }: MappedMemory): RingPlace {
  return { memory: buffer, offset: RINGS_OFFSET };
}
