// Control words between a pool and a worker process: in the file that the worker inherits, and later, if both map it, in
// memory. The number of a slot says where it is: those of memory are below those of the file.

import { CLAIM_SLOTS, SharedFarClaims, SharedNearClaims, type FarClaims, type NearClaims } from "./claims.ts";
import { WORTH_LOADING } from "./system-calls.ts";

function isOfMemory(slot: number): boolean {
  return slot < CLAIM_SLOTS;
}

/** The pool's side. */
export class ProcessNearClaims implements NearClaims {
  readonly #file: NearClaims;
  #mapped: SharedNearClaims | undefined;
  #offered = 0;
  readonly #isWorthMapping: () => void;

  /** `isWorthMapping`: called once, unless it has been mapped by then. With a file each task costs a microsecond more. */
  constructor(file: NearClaims, isWorthMapping: () => void) {
    this.#file = file;
    this.#isWorthMapping = isWorthMapping;
  }

  /** The worker sees the memory, too: slots are in it from now on. */
  map(buffer: ArrayBufferLike): void {
    this.#mapped = new SharedNearClaims(buffer);
  }

  offer(): number {
    if (this.#mapped !== undefined) return this.#mapped.offer();
    this.#offered += 1;
    if (this.#offered === WORTH_LOADING) this.#isWorthMapping();
    return this.#file.offer();
  }

  takeBack(slot: number): boolean {
    return this.#of(slot).takeBack(slot);
  }

  hasBegun(slot: number): boolean {
    return this.#of(slot).hasBegun(slot);
  }

  noteOf(slot: number): Uint8Array | undefined {
    return this.#of(slot).noteOf(slot);
  }

  abort(slot: number): void {
    this.#of(slot).abort(slot);
  }

  release(slot: number): void {
    this.#of(slot).release(slot);
  }

  #of(slot: number): NearClaims {
    return this.#mapped !== undefined && isOfMemory(slot) ? this.#mapped : this.#file;
  }

  /** The worker is gone, and the memory goes. What it had begun can still be asked. */
  close(): void {
    this.#mapped?.close();
  }
}

/** The worker's side. */
export class ProcessFarClaims implements FarClaims {
  readonly #file: FarClaims;
  #mapped: SharedFarClaims | undefined;

  constructor(file: FarClaims) {
    this.#file = file;
  }

  map(buffer: ArrayBufferLike): void {
    this.#mapped = new SharedFarClaims(buffer);
  }

  begin(slot: number, note?: Uint8Array): boolean {
    return this.#of(slot).begin(slot, note);
  }

  isAborted(slot: number): boolean {
    return this.#of(slot).isAborted(slot);
  }

  #of(slot: number): FarClaims {
    return this.#mapped !== undefined && isOfMemory(slot) ? this.#mapped : this.#file;
  }
}
