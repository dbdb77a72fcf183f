// Control words that a pool and one of its workers share: which task of a batch has begun, and which must stop.
// Both sides claim a slot by compare-and-swap, so that a task taken back by the pool is never also run by the worker.
// A slot that is not in use says what it said last, or 0.
//
// Only what the two sides may do at once takes an atomic instruction, which costs as much as most of a tiny task. A slot is
// offered, and a note written, before what makes them known: the message, and the claim.

const OFFERED = 1;
const CLAIMED = 2;
const TAKEN_BACK = 3;
/** Added to a claimed slot's word: the task's signal has been aborted. */
const ABORTED = 4;

/** Tasks in flight to one worker at most. Smaller: a worker with tiny tasks runs dry. Larger: more to take back when a long task comes. */
export const CLAIM_SLOTS = 1024;

/** Bytes that a worker may note with a task that it begins, and what they take with the word that says how many they are. */
export const NOTE_SIZE = 248;
const NOTE_STRIDE = 256;
const LENGTH_SIZE = Int32Array.BYTES_PER_ELEMENT;

/** Bytes of the control words, and with the notes. */
const WORDS_SIZE = CLAIM_SLOTS * Int32Array.BYTES_PER_ELEMENT;
export const CLAIMS_SIZE: number = WORDS_SIZE + CLAIM_SLOTS * NOTE_STRIDE;

/** The pool's side. */
export interface NearClaims {
  /** A free slot, now offered to the worker; -1 if all are in use. */
  offer(): number;
  /** True: the worker has not begun the task and never will. The slot is freed once the batch is over. */
  takeBack(slot: number): boolean;
  /** Whether the worker has begun the task. */
  hasBegun(slot: number): boolean;
  /** What the worker noted as it began the task; `undefined` if nothing. */
  noteOf(slot: number): Uint8Array | undefined;
  /** Makes `aborted` true for the running task. */
  abort(slot: number): void;
  /** The task is over (or its worker): the slot may be offered again. */
  release(slot: number): void;
}

/** The worker's side. */
export interface FarClaims {
  /** False: the pool has taken the task back, and the note is not kept. `note`: what outlives the worker, at most `NOTE_SIZE` bytes. */
  begin(slot: number, note?: Uint8Array): boolean;
  isAborted(slot: number): boolean;
}

/** Claims at the beginning of memory that both sides see. */
export class SharedNearClaims implements NearClaims {
  #words: Int32Array;
  #bytes: Uint8Array;
  /** Free slots, used as a stack: choosing one does not grow with their number. */
  readonly #free: number[] = Array.from({ length: CLAIM_SLOTS }, (_, slot) => slot);

  constructor(buffer: ArrayBufferLike) {
    this.#words = new Int32Array(buffer, 0, CLAIMS_SIZE / LENGTH_SIZE);
    this.#bytes = new Uint8Array(buffer, 0, CLAIMS_SIZE);
  }

  offer(): number {
    const slot = this.#free.pop();
    if (slot === undefined) return -1;
    this.#words[slot] = OFFERED;
    return slot;
  }

  takeBack(slot: number): boolean {
    return Atomics.compareExchange(this.#words, slot, OFFERED, TAKEN_BACK) === OFFERED;
  }

  hasBegun(slot: number): boolean {
    return (Atomics.load(this.#words, slot) & ~ABORTED) === CLAIMED;
  }

  noteOf(slot: number): Uint8Array | undefined {
    const length = Atomics.load(this.#words, noteAt(slot) / LENGTH_SIZE);
    return length === 0 ? undefined : this.#bytes.slice(noteAt(slot) + LENGTH_SIZE, noteAt(slot) + LENGTH_SIZE + length);
  }

  abort(slot: number): void {
    Atomics.or(this.#words, slot, ABORTED);
  }

  release(slot: number): void {
    this.#free.push(slot);
  }

  /** The memory goes. What the words said last can still be asked. */
  close(): void {
    this.#words = this.#words.slice();
    this.#bytes = new Uint8Array(this.#words.buffer);
  }
}

/** The worker's view of the same words. */
export class SharedFarClaims implements FarClaims {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(buffer: ArrayBufferLike) {
    this.#words = new Int32Array(buffer, 0, CLAIMS_SIZE / LENGTH_SIZE);
    this.#bytes = new Uint8Array(buffer, 0, CLAIMS_SIZE);
  }

  begin(slot: number, note?: Uint8Array): boolean {
    // Before the task counts as begun; of one that is taken back nobody reads it.
    const at = noteAt(slot);
    if (note !== undefined) this.#bytes.set(note, at + LENGTH_SIZE);
    this.#words[at / LENGTH_SIZE] = note?.byteLength ?? 0;
    return Atomics.compareExchange(this.#words, slot, OFFERED, CLAIMED) === OFFERED;
  }

  isAborted(slot: number): boolean {
    return (Atomics.load(this.#words, slot) & ABORTED) !== 0;
  }
}

function noteAt(slot: number): number {
  return WORDS_SIZE + slot * NOTE_STRIDE;
}
