// The pool's side of a worker process's control words: in mapped memory if the worker sees that, else in the file that it
// inherits. Which of the two is known once the worker is ready, and no slot is offered before.

import { SharedNearClaims, type NearClaims } from "./claims.ts";
import type { FileNearClaims } from "./file-claims.ts";
import type { ProcessMemory } from "./process-memory.ts";

export class ProcessNearClaims implements NearClaims {
  readonly #file: FileNearClaims;
  readonly #memory: ProcessMemory;
  #chosen: NearClaims | undefined;
  #mapped: SharedNearClaims | undefined;

  constructor(file: FileNearClaims, memory: ProcessMemory) {
    this.#file = file;
    this.#memory = memory;
  }

  get #claims(): NearClaims {
    return (this.#chosen ??= this.#memory.isShared ? (this.#mapped = new SharedNearClaims(this.#memory.buffer)) : this.#file);
  }

  offer(): number {
    return this.#claims.offer();
  }

  takeBack(slot: number): boolean {
    return this.#claims.takeBack(slot);
  }

  hasBegun(slot: number): boolean {
    return this.#claims.hasBegun(slot);
  }

  noteOf(slot: number): Uint8Array | undefined {
    return this.#claims.noteOf(slot);
  }

  abort(slot: number): void {
    this.#claims.abort(slot);
  }

  release(slot: number): void {
    this.#claims.release(slot);
  }

  /** The worker is gone, and the memory goes. What it had begun can still be asked. */
  close(): void {
    this.#mapped?.close();
  }
}
