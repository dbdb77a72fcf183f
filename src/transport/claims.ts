// Control words that a pool and one of its workers share: which task of a batch has begun, and which must stop.
// Both sides claim a slot by compare-and-swap, so that a task taken back by the pool is never also run by the worker.

const FREE = 0;
const OFFERED = 1;
const CLAIMED = 2;
const TAKEN_BACK = 3;
/** Added to a claimed slot's word: the task's signal has been aborted. */
const ABORTED = 4;

/** Tasks in flight to one worker at most. Smaller: a worker with tiny tasks runs dry. Larger: more to take back when a long task comes. */
export const CLAIM_SLOTS = 256;

/** Bytes of the control words. */
export const CLAIMS_SIZE: number = CLAIM_SLOTS * Int32Array.BYTES_PER_ELEMENT;

/** The pool's side. */
export interface NearClaims {
  /** A free slot, now offered to the worker; -1 if all are in use. */
  offer(): number;
  /** True: the worker has not begun the task and never will. The slot is freed once the batch is over. */
  takeBack(slot: number): boolean;
  /** Whether the worker has begun the task. */
  hasBegun(slot: number): boolean;
  /** Makes `aborted` true for the running task. */
  abort(slot: number): void;
  /** The task is over (or its worker): the slot may be offered again. */
  release(slot: number): void;
}

/** The worker's side. */
export interface FarClaims {
  /** False: the pool has taken the task back. */
  begin(slot: number): boolean;
  isAborted(slot: number): boolean;
}

/** Claims at the beginning of memory that both sides see. */
export class SharedNearClaims implements NearClaims {
  #words: Int32Array;
  /** Free slots, used as a stack: choosing one does not grow with their number. */
  readonly #free: number[] = Array.from({ length: CLAIM_SLOTS }, (_, slot) => slot);

  constructor(buffer: ArrayBufferLike) {
    this.#words = new Int32Array(buffer, 0, CLAIM_SLOTS);
  }

  offer(): number {
    const slot = this.#free.pop();
    if (slot === undefined) return -1;
    Atomics.store(this.#words, slot, OFFERED);
    return slot;
  }

  takeBack(slot: number): boolean {
    return Atomics.compareExchange(this.#words, slot, OFFERED, TAKEN_BACK) === OFFERED;
  }

  hasBegun(slot: number): boolean {
    return (Atomics.load(this.#words, slot) & ~ABORTED) === CLAIMED;
  }

  abort(slot: number): void {
    Atomics.or(this.#words, slot, ABORTED);
  }

  release(slot: number): void {
    Atomics.store(this.#words, slot, FREE);
    this.#free.push(slot);
  }

  /** The memory goes. What the words said last can still be asked. */
  close(): void {
    this.#words = this.#words.slice();
  }
}

/** The worker's view of the same words. */
export class SharedFarClaims implements FarClaims {
  readonly #words: Int32Array;

  constructor(buffer: ArrayBufferLike) {
    this.#words = new Int32Array(buffer, 0, CLAIM_SLOTS);
  }

  begin(slot: number): boolean {
    return Atomics.compareExchange(this.#words, slot, OFFERED, CLAIMED) === OFFERED;
  }

  isAborted(slot: number): boolean {
    return (Atomics.load(this.#words, slot) & ABORTED) !== 0;
  }
}
