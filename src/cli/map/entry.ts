// An item under way, and how it ended.

import type { RawItem } from "./raw-item.ts";

export interface Outcome {
  /** The result; `undefined` if it failed. */
  readonly json: string | undefined;
  /** Why it failed, in one line or more. */
  readonly error: string;
  readonly worker: number | undefined;
  readonly startedAt: number | undefined;
  readonly ms: number | undefined;
  readonly attempts: number;
}

export interface Entry {
  readonly item: RawItem;
  /** Of an item with a flaw: none. */
  readonly future: { cancel(): boolean } | undefined;
  outcome: Outcome | undefined;
  /** Whether nobody waits for it any more. */
  isDropped: boolean;
}
