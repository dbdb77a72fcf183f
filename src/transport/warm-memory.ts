// Memory that values are received in. Fetching it from the system takes up to three times as long as filling it, and glibc
// gives what has been freed back at once, or with the next collection of garbage, only to fetch it again for the next value.
// So while large values come, it is told to keep more, and to take even the largest from what it keeps; a second later it
// goes on as it would by itself after it has freed one buffer of 32 MiB.
//
// Another C library is left alone, and so is one that somebody has tuned.

import { setTimeout } from "node:timers";
import type { Allocator } from "./system-calls.ts";

const MEBIBYTE = 1024 * 1024;

/** glibc's names for what can be tuned, and what it sets by itself after freeing 32 MiB, the most that it will. */
const TRIM_THRESHOLD = -1;
const MMAP_THRESHOLD = -3;
const MMAP_MAX = -4;
const LARGEST_MMAP_THRESHOLD: number = 32 * MEBIBYTE;
const ORDINARY_TRIM_THRESHOLD: number = 2 * LARGEST_MMAP_THRESHOLD;
const ORDINARY_MMAP_MAX = 65_536;

/** Bytes kept while large values come: some of the largest until they are collected. */
const KEPT_SIZE: number = 256 * MEBIBYTE;

/** Milliseconds. Shorter: it is fetched anew. Longer: others may miss it. */
const KEPT_MS = 1000;

/** Bytes of a block whose freeing makes glibc look whether it keeps too much. */
const NOTICED_SIZE = 128 * 1024;

/** Bytes from which on values count as large. */
const LARGE: number = 64 * 1024;

export class WarmMemory {
  readonly #allocator: Allocator;
  readonly #keptMs: number;
  #timer: NodeJS.Timeout | undefined;

  /** `keptMs`: milliseconds after the last large value until memory is given back. */
  constructor(allocator: Allocator, keptMs: number = KEPT_MS) {
    this.#allocator = allocator;
    this.#keptMs = keptMs;
  }

  /** With anything in it. */
  allocate(size: number): Uint8Array<ArrayBuffer> {
    if (size < LARGE) return Buffer.allocUnsafeSlow(size);
    this.#keep();
    if (size < LARGEST_MMAP_THRESHOLD) return Buffer.allocUnsafeSlow(size);
    this.#allocator.tune(MMAP_MAX, 0);
    try {
      return Buffer.allocUnsafeSlow(size);
    } finally {
      this.#allocator.tune(MMAP_MAX, ORDINARY_MMAP_MAX);
    }
  }

  #keep(): void {
    if (this.#timer !== undefined) return void this.#timer.refresh();
    this.#allocator.tune(MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD);
    this.#allocator.tune(TRIM_THRESHOLD, KEPT_SIZE);
    this.#timer = setTimeout(() => this.#giveBack(), this.#keptMs).unref();
  }

  #giveBack(): void {
    this.#timer = undefined;
    this.#allocator.tune(TRIM_THRESHOLD, ORDINARY_TRIM_THRESHOLD);
    this.#allocator.free(this.#allocator.allocate(NOTICED_SIZE));
  }
}

let ofThread: WarmMemory | "none" | undefined;

/** One for all memory of this thread; undefined where none may be kept. */
export function warmMemory(allocator: Allocator | undefined): WarmMemory | undefined {
  ofThread ??= allocator === undefined || isAllocatorTuned(process.env) ? "none" : new WarmMemory(allocator);
  return ofThread === "none" ? undefined : ofThread;
}

/** For a process that is replaced when it takes too much memory: what is kept would count. */
export function keepNoMemory(): void {
  ofThread = "none";
}

/** Whether somebody has told glibc how to go about it. */
export function isAllocatorTuned(environment: NodeJS.ProcessEnv): boolean {
  return Object.keys(environment).some((name) => /^MALLOC_\w+_$/.test(name)) || environment["GLIBC_TUNABLES"]?.includes("glibc.malloc") === true;
}
