// What lies between the two sides of a crossing: what both can see, and what may move.

import type { CellTable, Dissected, FunctionRole } from "./functions/dissected.ts";

/** Takes a function apart; throws a `SerializationError` if it cannot cross. */
export type Dissect = (fn: (...args: never[]) => unknown, path: string, role: FunctionRole, cells: CellTable) => Dissected;

/** What a crossing leads over. */
export interface Boundary {
  /** `"shared"` between threads: `SharedArrayBuffer`s are seen by both sides and ports can be moved. */
  readonly memory: "shared" | "separate";
  /** Bytes that one captured variable may take. Larger ones are refused by name: they are usually captured by mistake. */
  readonly maxCaptureSize: number;
  /**
   * Whether what is packed is sent once at most: the copies of large buffers then move with the message instead of being
   * copied a second time. True for a worker's results; false for tasks, which are sent again if their worker dies.
   */
  readonly sendsOnce?: boolean;
  /**
   * Gives memory that both sides share, into which a large buffer is copied and out of which each receiver takes a copy of its
   * own: what may be sent again would otherwise be copied with each message. Only where memory is shared.
   */
  readonly sharedCopies?: SharedCopies | undefined;
  /** Whether large lists and objects of data are packed as bytes: what leaves the thread is written as such in the end. */
  readonly writesTrees?: boolean;
  /** Where large buffers of arguments and results are put down, if there is memory that both sides see. */
  readonly payloads?: PayloadStore | undefined;
}

/** Bytes in memory that is used again once nobody needs them. */
export interface HeldBytes {
  /** They must stay for one more reason. */
  hold(): void;
  /** One reason for them to stay is gone. Without any they go; at first there is one. */
  letGo(): void;
}

/** Bytes that lie in memory that both sides see, and not in a message. */
export interface StoredBytes extends HeldBytes {
  readonly at: number;
  readonly size: number;
}

/** A copy of bytes in memory that threads share, which may be longer. */
export interface SharedCopy extends HeldBytes {
  readonly memory: SharedArrayBuffer;
}

/** Copies bytes into memory that threads share. */
export interface SharedCopies {
  copy(bytes: Uint8Array): SharedCopy;
}

/** Puts large buffers down in memory that the receiver sees. */
export interface PayloadStore {
  /** Bytes from which on it is worth it. */
  readonly worthFrom: number;
  /** Writes a copy. Undefined if that cannot be done: the bytes then go with the message. */
  put(bytes: Uint8Array): StoredBytes | undefined;
}

/** The receiving half. */
export interface PayloadSource {
  /** A buffer of its own with what was put down there. */
  take(at: number, size: number): ArrayBuffer;
}
