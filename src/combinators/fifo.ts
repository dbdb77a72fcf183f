// A queue in a ring: both ends in constant time, and nothing kept of what has left. Used by everything here that waits.

export class Fifo<T> {
  /** A power of two in size, so that wrapping is a mask. */
  #ring: (T | undefined)[] = new Array<T | undefined>(16).fill(undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = value;
    this.#length += 1;
  }

  /** The oldest, which stays. */
  peek(): T | undefined {
    return this.#ring[this.#head];
  }

  /** The newest, which stays. */
  peekLast(): T | undefined {
    return this.#length === 0 ? undefined : this.#ring[(this.#head + this.#length - 1) & (this.#ring.length - 1)];
  }

  /** Takes the oldest. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length -= 1;
    return value;
  }

  /** Takes the newest. */
  pop(): T | undefined {
    if (this.#length === 0) return undefined;
    this.#length -= 1;
    const last = (this.#head + this.#length) & (this.#ring.length - 1);
    const value = this.#ring[last];
    this.#ring[last] = undefined;
    return value;
  }

  /** From the oldest to the newest, which all stay. */
  *[Symbol.iterator](): Generator<T, void> {
    for (let offset = 0; offset < this.#length; offset += 1) yield this.#ring[(this.#head + offset) & (this.#ring.length - 1)] as T;
  }

  /** Lets go of all others. */
  keep(isKept: (value: T) => boolean): void {
    for (let left = this.#length; left > 0; left -= 1) {
      const value = this.shift() as T;
      if (isKept(value)) this.push(value);
    }
  }

  clear(): void {
    this.#ring = new Array<T | undefined>(16).fill(undefined);
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const values = [...this.#ring.slice(this.#head), ...this.#ring.slice(0, this.#head)];
    this.#ring = values.concat(new Array<undefined>(values.length).fill(undefined));
    this.#head = 0;
  }
}
