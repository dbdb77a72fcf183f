// One item of the input as it was read: text that has not been parsed, with where it stood. Splitters make them.

/** An item, or what stands in the place of one. */
export interface RawItem {
  /** Counted from 1. Blank lines do not count. */
  readonly number: number;
  /** The line on which it begins, counted from 1. */
  readonly line: number;
  /** Its JSON. Empty if `flaw` is set. */
  readonly text: string;
  /** Why it can be no item, known before it is parsed. */
  readonly flaw?: string;
}

/** Cuts the bytes of an input into items. */
export interface Splitter {
  /** The items that end within this chunk. */
  push(chunk: Buffer): RawItem[];
  /** The last ones. */
  end(): RawItem[];
}

/** Characters of one item at most. More: near V8's own limit for a string, and every copy of the item costs as much. */
export const LONGEST_ITEM: number = 256 * 2 ** 20;
