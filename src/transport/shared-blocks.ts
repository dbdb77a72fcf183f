// Memory in which large arguments cross to threads. What nobody needs any more is used again, as making it takes longer than
// writing to it: the system must fetch it and fill it with zeros, and it is in no cache. Made for a pool of threads.

import { setTimeout } from "node:timers";
import type { SharedCopies, SharedCopy } from "../codec/boundary.ts";
import { HeldMemory } from "./held-memory.ts";

/** Bytes that are kept at most. More: other programs miss it. */
const MOST_KEPT: number = 256 * 1024 * 1024;

/** Milliseconds after which a block that was not needed is given back. */
const KEPT_MS = 1000;

/** Steps of sizes up to the next power of two. Fewer: more is wasted, up to one part of so many. More: blocks fit less often. */
const SIZES_PER_POWER = 8;

/** Blocks of one size that nobody needs. */
interface Shelf {
  readonly blocks: SharedArrayBuffer[];
  /** How many have been here since it was last looked: so many are not needed. */
  least: number;
}

export interface SharedBlocksOptions {
  /** Milliseconds for which a block is kept. */
  readonly keptMs?: number;
  /** Bytes that are kept at most. */
  readonly mostKept?: number;
}

export class SharedBlocks implements SharedCopies {
  readonly #shelves = new Map<number, Shelf>();
  readonly #keptMs: number;
  readonly #mostKept: number;
  #keptSize = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ keptMs = KEPT_MS, mostKept = MOST_KEPT }: SharedBlocksOptions = {}) {
    this.#keptMs = keptMs;
    this.#mostKept = mostKept;
  }

  /** Bytes that are kept to be used again. */
  get keptSize(): number {
    return this.#keptSize;
  }

  copy(bytes: Uint8Array): SharedCopy {
    const memory = this.#take(blockSize(bytes.byteLength));
    new Uint8Array(memory).set(bytes);
    return new Copy(memory, () => this.#free(memory));
  }

  /** The last one that was put there: it is the likeliest to be in a cache. */
  #take(size: number): SharedArrayBuffer {
    const shelf = this.#shelves.get(size);
    const block = shelf?.blocks.pop();
    if (shelf === undefined || block === undefined) return new SharedArrayBuffer(size);
    shelf.least = Math.min(shelf.least, shelf.blocks.length);
    this.#keptSize -= size;
    return block;
  }

  #free(block: SharedArrayBuffer): void {
    const size = block.byteLength;
    if (this.#keptSize + size > this.#mostKept) return;
    const shelf = this.#shelves.get(size);
    if (shelf === undefined) this.#shelves.set(size, { blocks: [block], least: 0 });
    else shelf.blocks.push(block);
    this.#keptSize += size;
    this.#lookLater();
  }

  #lookLater(): void {
    if (this.#timer !== undefined || this.#shelves.size === 0) return;
    this.#timer = setTimeout(() => this.#giveBack(), this.#keptMs).unref();
  }

  #giveBack(): void {
    this.#timer = undefined;
    for (const [size, shelf] of this.#shelves) {
      this.#keptSize -= size * shelf.blocks.splice(0, shelf.least).length;
      shelf.least = shelf.blocks.length;
      if (shelf.least === 0) this.#shelves.delete(size);
    }
    this.#lookLater();
  }
}

/** The smallest of a block that takes so many bytes. */
function blockSize(size: number): number {
  const step = 2 ** Math.max(3, Math.floor(Math.log2(size)) - Math.log2(SIZES_PER_POWER));
  return Math.ceil(size / step) * step;
}

class Copy extends HeldMemory implements SharedCopy {
  readonly memory: SharedArrayBuffer;

  constructor(memory: SharedArrayBuffer, free: () => void) {
    super(free);
    this.memory = memory;
  }
}
