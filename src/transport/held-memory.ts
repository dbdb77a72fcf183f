// Memory that is used again once nobody holds it any more.

import type { HeldBytes } from "../codec/boundary.ts";

export class HeldMemory implements HeldBytes {
  readonly #free: () => void;
  #holders = 1;

  constructor(free: () => void) {
    this.#free = free;
  }

  hold(): void {
    this.#holders += 1;
  }

  letGo(): void {
    // What could not be packed to its end has been let go of already.
    if (this.#holders === 0) return;
    this.#holders -= 1;
    if (this.#holders === 0) this.#free();
  }
}
