// The threads that take part, in memory that they share: who is alive, and a word for each on which it sleeps and is
// woken. Shared memory only; `participant.ts` is this thread's part in it.

import type { Bystanders } from "./wait-line.ts";

/** Threads at once. A power of two. Larger: more memory, and more to look through when a thread ends. */
const ROWS = 1024;

const IDENTITY = 0;
const ID_COUNT = 1;
const NEXT_ROW = 2;
const FIRST_ROW = 3;

// Words of a row. Thread ids are one higher, so that 0 is none.
/** Odd while its thread lives. One step, so that a thread cannot die half enlisted. */
const GENERATION = 0;
const THREAD = 1;
const PARENT = 2;
/** Changes with each waking: whoever sleeps on it has looked before. */
const WAKINGS = 3;
const ROW_WORDS = 4;

/** Bytes of a roster. */
const ROSTER_SIZE = (FIRST_ROW + ROWS * ROW_WORDS) * Int32Array.BYTES_PER_ELEMENT;

export class Roster implements Bystanders {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** Woken without shared memory, as it is this thread: its mark, and what to call. */
  #own: { readonly who: number; readonly wake: () => void } | undefined;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(ROSTER_SIZE)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
    // Of the same memory each message makes another object.
    Atomics.compareExchange(this.#words, IDENTITY, 0, 1 + Math.floor(Math.random() * (2 ** 31 - 2)));
  }

  /** Tells it from other rosters. */
  get identity(): number {
    return Atomics.load(this.#words, IDENTITY);
  }

  /** A number that no other call gives. */
  nextId(): number {
    return Atomics.add(this.#words, ID_COUNT, 1);
  }

  /** Gives a thread a row. Its mark is not 0, and nobody else's until its row has been used a million times. */
  enlist(threadId: number, parentId: number | undefined): number {
    for (let tries = 0; tries < ROWS; tries += 1) {
      const row = (Atomics.add(this.#words, NEXT_ROW, 1) >>> 0) % ROWS;
      const at = rowAt(row);
      const generation = Atomics.load(this.#words, at + GENERATION);
      if (isOdd(generation) || Atomics.compareExchange(this.#words, at + GENERATION, generation, (generation + 1) & GENERATION_MASK) !== generation) continue;
      Atomics.store(this.#words, at + PARENT, parentId === undefined ? 0 : parentId + 1);
      Atomics.store(this.#words, at + THREAD, threadId + 1);
      return ((generation + 1) & GENERATION_MASK) * ROWS + row;
    }
    throw new RangeError(`Cannot coordinate more than ${ROWS} threads at once`);
  }

  /** A thread's own part: called instead of being woken by itself. */
  setOwn(who: number, wake: () => void): void {
    this.#own = { who, wake };
  }

  isAlive(who: number): boolean {
    return Atomics.load(this.#words, rowAt(who % ROWS) + GENERATION) === Math.floor(who / ROWS);
  }

  /** A thread has ended, and with it those that it had started: whoever waits for one of them must look again. */
  bury(threadId: number): void {
    if (this.#buryRows(threadId + 1)) this.wakeAll();
  }

  #buryRows(thread: number): boolean {
    let found = false;
    for (let row = 0; row < ROWS; row += 1) {
      const at = rowAt(row);
      const own = Atomics.load(this.#words, at + THREAD);
      // The thread id goes first: of two who bury it one alone ends the generation.
      if (own === thread && Atomics.compareExchange(this.#words, at + THREAD, thread, 0) === thread) {
        Atomics.add(this.#words, at + GENERATION, 1);
        found = true;
      } else if (own !== 0 && own !== thread && Atomics.load(this.#words, at + PARENT) === thread) found = this.#buryRows(own) || found;
    }
    return found;
  }

  /** What to give to `sleep`, read before looking whether there is anything to sleep for. */
  wakings(who: number): number {
    return Atomics.load(this.#words, rowAt(who % ROWS) + WAKINGS);
  }

  wake(who: number): void {
    if (who === this.#own?.who) return this.#own.wake();
    this.#wakeRow(rowAt(who % ROWS));
  }

  wakeAll(): void {
    this.#own?.wake();
    for (let row = 0; row < ROWS; row += 1) if (isOdd(Atomics.load(this.#words, rowAt(row) + GENERATION))) this.#wakeRow(rowAt(row));
  }

  #wakeRow(at: number): void {
    Atomics.add(this.#words, at + WAKINGS, 1);
    Atomics.notify(this.#words, at + WAKINGS);
  }

  /** Blocks this thread until it is woken, or has been since `wakings` was read, or the milliseconds are over. */
  sleep(who: number, wakings: number, milliseconds: number): void {
    Atomics.wait(this.#words, rowAt(who % ROWS) + WAKINGS, wakings, milliseconds);
  }

  /** The same without blocking. */
  async sleepAsync(who: number, wakings: number): Promise<void> {
    await waitAsync(this.#words, rowAt(who % ROWS) + WAKINGS, wakings).value;
  }
}

/** A mark holds the generation and the row in 31 bits. */
const GENERATION_MASK = 2 ** 21 - 1;

/** Not yet among the types of the language version that this is compiled for; every Node that is supported has it. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(words: Int32Array, index: number, value: number): { readonly value: Promise<string> | string };
};

function rowAt(row: number): number {
  return FIRST_ROW + row * ROW_WORDS;
}

function isOdd(generation: number): boolean {
  return (generation & 1) === 1;
}
