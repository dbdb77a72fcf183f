// The objects that one pack has met, each with its copy: what keeps shared and circular references as they are.

/** Up to here a linear search beats a Map; most calls carry a handful of objects. */
const LINEAR_LIMIT = 8;

export class Seen {
  readonly #originals: object[] = [];
  readonly #copies: unknown[] = [];
  #index: Map<object, number> | undefined = undefined;

  get size(): number {
    return this.#originals.length;
  }

  add(original: object, copy: unknown): void {
    const at = this.#originals.push(original) - 1;
    this.#copies.push(copy);
    if (this.#index !== undefined) this.#index.set(original, at);
    else if (at === LINEAR_LIMIT) this.#index = new Map(this.#originals.map((each, position) => [each, position]));
  }

  /** The copy; undefined if the object has not been met. */
  get(original: object): unknown {
    const at = this.#index === undefined ? this.#originals.indexOf(original) : this.#index.get(original);
    return at === undefined || at < 0 ? undefined : this.#copies[at];
  }

  /** Forgets what came after the first `size` objects. */
  truncate(size: number): void {
    for (const original of this.#originals.splice(size)) this.#index?.delete(original);
    this.#copies.length = size;
  }
}
