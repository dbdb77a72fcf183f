// What the caller wants moved instead of copied. Moving empties the original, so a first walk only finds out whether
// all can cross, and notes what the second can no longer see.

/** Where a view lies on its buffer. */
export interface ViewShape {
  readonly offset: number;
  /** In elements; undefined if the view grows with its buffer. */
  readonly length: number | undefined;
}

export class Moves {
  /** What each listed object has been moved to; itself until then. */
  readonly #targets: Map<object, object>;
  readonly #met: Set<object> = new Set();
  /** Views on listed buffers: once their buffer is detached they do not know any more where they were. */
  readonly shapes: Map<ArrayBufferView, ViewShape> = new Map();
  /** Whether nothing has been moved yet. */
  isTrial = true;

  constructor(listed: readonly object[]) {
    this.#targets = new Map(listed.map((object) => [object, object]));
  }

  has(object: object): boolean {
    return this.#targets.has(object);
  }

  /** What to send for a listed object. */
  take(object: object): object {
    this.#met.add(object);
    return this.#targets.get(object) ?? object;
  }

  /** The index of a listed object that is nowhere in the value; -1 if there is none. */
  get stray(): number {
    return [...this.#targets.keys()].findIndex((object) => !this.#met.has(object));
  }

  /** Moves everything now, not with the message: the caller must see it gone, and cannot change it any more. */
  moveNow(): void {
    const listed = [...this.#targets.keys()];
    const moved = structuredClone(listed, { transfer: listed as ArrayBuffer[] });
    listed.forEach((object, index) => this.#targets.set(object, moved[index] as object));
    this.isTrial = false;
  }
}
