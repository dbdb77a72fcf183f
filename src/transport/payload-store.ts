// Puts large values down in memory that the other side sees. Used by a pool for arguments and by a worker for results;
// the one who has put a value down lets go of it when the other side cannot need it any more.

import { clearTimeout, setTimeout } from "node:timers";
import type { StoredBytes } from "../codec/boundary.ts";
import { StepWriter, WORTH_A_HEAD_START, type Announce } from "./head-start.ts";
import { LARGEST_BYTES } from "../codec/trees/slots.ts";
import { HeldMemory } from "./held-memory.ts";
import { Regions } from "./regions.ts";
import { WORDS_SIZE, type SharedBytes } from "./shared-bytes.ts";

/** Milliseconds after which memory that no value has needed is given back. Shorter: it is fetched anew, which takes several times as long as writing to it. */
const KEPT_MS = 1000;

export interface SharedStoreOptions {
  /** Called now and then while there are values, to let go of those that are not needed any more. */
  readonly look?: () => void;
  /** Called when the last value has been let go of. */
  readonly emptied?: () => void;
  /** Milliseconds for which memory is kept. */
  readonly keptMs?: number;
}

/**
 * Bytes from which on a buffer goes by memory. Where both sides have mapped some, whatever does not fit into a frame as it is.
 * Elsewhere: smaller, and a program that has some such buffers pays for the mapping, some 20 ms on each side, or for calls of
 * the system that take as long as sending them.
 */
export const WORTH_FROM: { readonly mapped: number; readonly else: number } = { mapped: LARGEST_BYTES + 1, else: 64 * 1024 };

export class SharedStore {
  readonly bytes: SharedBytes;
  readonly #regions: Regions;
  readonly #steps: StepWriter;
  #count = 0;
  /** How far values have reached since it was last looked whether memory can be given back. */
  #reached = WORDS_SIZE;
  /** How far memory may have been written. */
  #written = WORDS_SIZE;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  readonly #keptMs: number;
  readonly #tidy: () => void;
  readonly #emptied: () => void;

  constructor(bytes: SharedBytes, { look = () => {}, emptied = () => {}, keptMs = KEPT_MS }: SharedStoreOptions = {}) {
    this.bytes = bytes;
    this.#emptied = emptied;
    this.#regions = new Regions(WORDS_SIZE, bytes.size);
    this.#steps = new StepWriter(bytes);
    this.#keptMs = keptMs;
    this.#tidy = () => {
      this.#timer = undefined;
      look();
      this.#giveBack();
    };
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** `announce`: tells whoever will most likely receive it that it is being written. */
  put(bytes: Uint8Array, announce?: Announce): StoredBytes | undefined {
    const size = bytes.byteLength;
    // Without mapped memory each word is a call of the system.
    if (announce === undefined || size < WORTH_A_HEAD_START || this.bytes.place === undefined) return this.putParts([bytes], size);
    const at = this.#take(size);
    if (at < 0) return undefined;
    const serial = this.#steps.write(at, bytes, announce);
    return new Stored(at, size, () => {
      this.#steps.forget(serial);
      this.#free(at, size);
    });
  }

  /** Puts parts down one behind the other. `size`: of all together. */
  putParts(parts: readonly Uint8Array[], size: number): StoredBytes | undefined {
    const at = this.#take(size);
    if (at < 0) return undefined;
    if (this.#write(parts, at)) return new Stored(at, size, () => this.#free(at, size));
    this.#free(at, size);
    return undefined;
  }

  /** Room for so many bytes; -1 if there is none. */
  #take(size: number): number {
    const at = this.#regions.take(size);
    if (at < 0) return -1;
    this.#reached = Math.max(this.#reached, at + size);
    this.#written = Math.max(this.#written, at + size);
    this.#timer ??= setTimeout(this.#tidy, this.#keptMs).unref();
    this.#count += 1;
    return at;
  }

  #write(parts: readonly Uint8Array[], start: number): boolean {
    let at = start;
    for (const part of parts) {
      if (!this.bytes.write(at, part)) return false;
      at += part.byteLength;
    }
    return true;
  }

  #free(at: number, size: number): void {
    this.#count -= 1;
    this.#regions.free(at, size);
    if (this.#count === 0) this.#emptied();
  }

  #giveBack(): void {
    if (this.#isClosed) return;
    const needed = Math.max(this.#reached, this.#regions.usedUntil);
    if (needed < this.#written) this.bytes.shrink(needed);
    this.#written = needed;
    this.#reached = this.#regions.usedUntil;
    if (this.#written > WORDS_SIZE) this.#timer ??= setTimeout(this.#tidy, this.#keptMs).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#isClosed = true;
    this.bytes.close();
  }
}

class Stored extends HeldMemory implements StoredBytes {
  readonly at: number;
  readonly size: number;

  constructor(at: number, size: number, free: () => void) {
    super(free);
    this.at = at;
    this.size = size;
  }
}
