// A queue of small frames in memory that both sides see, with one writer and one reader: what one puts in, the other finds
// by looking, without a system call. The same on a SharedArrayBuffer and on memory that another process has mapped.
//
// Positions count bytes and run on for ever (they wrap as 32-bit numbers do); a frame lies at its position modulo the
// capacity, in one piece. In front of each is its size, which the writer writes last, so that half a frame is never read,
// also if the writer dies in the middle of it. Where the next size will be is 0 until then, and that is where the reader
// looks: with the size the processor fetches the beginning of the frame.

import type { FrameMemory } from "../codec/trees/memory.ts";

/** The word that the reader writes: what it has passed. Far from the frames, so that it shares no cache line with them. */
const HEAD_WORD = 0;
const DATA_OFFSET = 128;

/** Bytes that frames may take together. A power of two. Smaller: more messages take the slow way. Larger: memory for each worker. */
export const RING_CAPACITY = 131072;

/** Bytes of memory that a ring takes. */
export const RING_SIZE: number = DATA_OFFSET + RING_CAPACITY;

/** Bytes of the largest frame. With a quarter of the capacity one always fits in once the reader has caught up, though it may have to begin anew at the start, and the reader tells late. */
export const LARGEST_FRAME: number = RING_CAPACITY / 4;

/** Bytes that the reader has passed before it says so. More: the ring is full sooner. Fewer: more to say. */
const UNTOLD = RING_CAPACITY / 8;

/** In front of each frame: its size, and a word that keeps its content aligned. */
const HEADER_SIZE = 8;
/** Instead of a size: the next frame is at the beginning, as it does not fit in here. */
const CONTINUES_AT_START = -1;

/** The side that puts frames in. */
export class RingWriter {
  /** Bytes of content of the largest frame. */
  readonly limit: number = LARGEST_FRAME - HEADER_SIZE;
  readonly memory: FrameMemory;
  readonly #words: Int32Array;
  /** Where the ring is in the memory, in bytes and in words. */
  readonly #data: number;
  readonly #control: number;
  #tail = 0;
  /** Of the frame that was reserved last: where in the ring it begins, its size with its header, and the tail once it is published. */
  #at = 0;
  #whole = 0;
  #nextTail = 0;
  /** What the reader has passed, when last looked at. */
  #head = 0;

  /** `offset`: where in the memory the ring begins; a multiple of 64. */
  constructor(memory: FrameMemory, offset: number) {
    this.memory = memory;
    this.#words = memory.words;
    this.#control = offset >> 2;
    this.#data = offset + DATA_OFFSET;
  }

  /** Room for a frame with `size` bytes of content: where that begins; -1 if there is none. Without `publish` nothing has happened. */
  reserve(size: number): number {
    const whole = (size + HEADER_SIZE + 7) & ~7;
    if (whole > LARGEST_FRAME) return -1;
    const toEnd = RING_CAPACITY - positionOf(this.#tail);
    const isWrapped = whole > toEnd;
    const needed = isWrapped ? toEnd + whole : whole;
    // And for the 0 behind it.
    if (!this.#hasRoom(needed + HEADER_SIZE)) return -1;
    this.#at = isWrapped ? 0 : positionOf(this.#tail);
    this.#whole = whole;
    this.#nextTail = (this.#tail + needed) | 0;
    return this.#data + this.#at + HEADER_SIZE;
  }

  #hasRoom(needed: number): boolean {
    if (((this.#tail - this.#head) | 0) + needed <= RING_CAPACITY) return true;
    this.#head = Atomics.load(this.#words, this.#control + HEAD_WORD);
    return ((this.#tail - this.#head) | 0) + needed <= RING_CAPACITY;
  }

  /** Makes the frame that was reserved last visible to the reader. */
  publish(): void {
    const words = this.#words;
    words[this.#wordAt(positionOf(this.#nextTail))] = 0;
    const at = positionOf(this.#tail);
    const isWrapped = at !== this.#at;
    if (isWrapped) words[this.#wordAt(0)] = this.#whole;
    this.#tail = this.#nextTail;
    Atomics.store(words, this.#wordAt(at), isWrapped ? CONTINUES_AT_START : this.#whole);
  }

  #wordAt(position: number): number {
    return (this.#data + position) >> 2;
  }
}

/** The side that takes frames out. */
export class RingReader {
  readonly memory: FrameMemory;
  readonly #words: Int32Array;
  readonly #data: number;
  readonly #control: number;
  #head = 0;
  #nextHead = 0;
  /** What the writer knows of it. */
  #toldHead = 0;

  constructor(memory: FrameMemory, offset: number) {
    this.memory = memory;
    this.#words = memory.words;
    this.#control = offset >> 2;
    this.#data = offset + DATA_OFFSET;
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#words, (this.#data + positionOf(this.#head)) >> 2) === 0;
  }

  /** Where the content of the next frame begins; -1 if there is none. It may be read until `advance` is called. */
  next(): number {
    let at = positionOf(this.#head);
    let size = Atomics.load(this.#words, (this.#data + at) >> 2);
    if (size === 0) return -1;
    let passed = 0;
    if (size === CONTINUES_AT_START) {
      passed = RING_CAPACITY - at;
      at = 0;
      size = this.#words[this.#data >> 2] as number;
    }
    this.#nextHead = (this.#head + passed + size) | 0;
    return this.#data + at + HEADER_SIZE;
  }

  /** The frame that `next` gave has been read: its room is the writer's again. */
  advance(): void {
    this.#head = this.#nextHead;
    // Each time that it is told costs the writer a look at memory that this processor has just changed.
    if (((this.#head - this.#toldHead) | 0) < UNTOLD) return;
    this.#toldHead = this.#head;
    Atomics.store(this.#words, this.#control + HEAD_WORD, this.#head);
  }
}

/** Where in the ring a count of bytes leads to. */
function positionOf(count: number): number {
  return count & (RING_CAPACITY - 1);
}
