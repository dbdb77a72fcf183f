// What a pool and one of its worker processes share in mapped memory, if spinning was asked for: control words, which are
// then as quick as those of threads, and the ring. A worker that cannot map it says so by not saying anything, and all goes
// on by the file of control words and the socket.

import { fstatSync } from "node:fs";
import { CLAIMS_SIZE } from "./claims.ts";
import { createMappedMemory, openMappedMemory, type MappedMemory } from "./mapped-memory.ts";
import { RING_CHANNEL_SIZE } from "./ring-channel.ts";

/** Where things are, in bytes. The control words come first. */
const FACTS_OFFSET = CLAIMS_SIZE;
export const RING_OFFSET: number = FACTS_OFFSET + 64;
const SIZE = RING_OFFSET + RING_CHANNEL_SIZE;

/** Words of the facts: whether the worker has mapped the memory, and for how many microseconds it looks. */
const MAPPED_WORD = FACTS_OFFSET >> 2;
const SPIN_WORD = MAPPED_WORD + 1;

/** Memory that both sides see. */
export class ProcessMemory {
  readonly #memory: MappedMemory;
  readonly #words: Int32Array;

  constructor(memory: MappedMemory) {
    this.#memory = memory;
    this.#words = new Int32Array(memory.buffer);
  }

  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  /** To be inherited by the worker. */
  get descriptor(): number {
    return this.#memory.descriptor;
  }

  /** Whether the worker sees it, too; known once the worker has spoken. */
  get isShared(): boolean {
    return Atomics.load(this.#words, MAPPED_WORD) === 1;
  }

  noteShared(): void {
    Atomics.store(this.#words, MAPPED_WORD, 1);
  }

  /** Milliseconds that the worker looks. */
  get spinMs(): number {
    return Atomics.load(this.#words, SPIN_WORD) / 1000;
  }

  set spinMs(ms: number) {
    Atomics.store(this.#words, SPIN_WORD, Math.min(Math.ceil(ms * 1000), 2 ** 31 - 1));
  }

  release(): void {
    this.#memory.release();
  }
}

/** The pool's side; undefined where memory cannot be shared. */
export function createProcessMemory(spinMs: number): ProcessMemory | undefined {
  const mapped = createMappedMemory(SIZE);
  if ("reason" in mapped) return undefined;
  const memory = new ProcessMemory(mapped);
  memory.spinMs = spinMs;
  return memory;
}

/** The worker's side; undefined if it was given none, or cannot map it. */
export function openProcessMemory(descriptor: number): ProcessMemory | undefined {
  if (!isFile(descriptor)) return undefined;
  const mapped = openMappedMemory(descriptor);
  if ("reason" in mapped) return undefined;
  const memory = new ProcessMemory(mapped);
  memory.noteShared();
  return memory;
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).size > SIZE;
  } catch {
    return false;
  }
}
