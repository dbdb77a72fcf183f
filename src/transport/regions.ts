// Which parts of a piece of memory are in use: hands out the lowest free part that is large enough, so that what is in
// use stays together at the start, where the memory is already there, and the rest can be given back to the system.

/** Parts begin and end with pages of memory. */
const PAGE = 4096;

interface Range {
  start: number;
  end: number;
}

export class Regions {
  readonly #end: number;
  /** What is free, in order; two never touch. */
  readonly #free: Range[];

  /** What lies in front of `start` is never handed out. Both in bytes, of whole pages. */
  constructor(start: number, end: number) {
    this.#end = end;
    this.#free = end > start ? [{ start, end }] : [];
  }

  /** Where a part of `size` bytes begins; -1 if there is none. */
  take(size: number): number {
    const rounded = roundedUp(size);
    const index = this.#free.findIndex(({ start, end }) => end - start >= rounded);
    const range = this.#free[index];
    if (range === undefined) return -1;
    const { start } = range;
    range.start += rounded;
    if (range.start === range.end) this.#free.splice(index, 1);
    return start;
  }

  /** Gives back what `take` gave for this size. */
  free(start: number, size: number): void {
    const end = start + roundedUp(size);
    const index = this.#firstAfter(start);
    const [before, after] = [this.#free[index - 1], this.#free[index]];
    if (before?.end === start && after?.start === end) {
      before.end = after.end;
      this.#free.splice(index, 1);
    } else if (before?.end === start) before.end = end;
    else if (after?.start === end) after.start = start;
    else this.#free.splice(index, 0, { start, end });
  }

  #firstAfter(start: number): number {
    const index = this.#free.findIndex((range) => range.start > start);
    return index < 0 ? this.#free.length : index;
  }

  /** Where the last part in use ends. */
  get usedUntil(): number {
    const last = this.#free.at(-1);
    return last?.end === this.#end ? last.start : this.#end;
  }
}

function roundedUp(size: number): number {
  return Math.max(1, Math.ceil(size / PAGE)) * PAGE;
}
