// Messages that are large themselves, through long texts, long lists or large objects: their bytes go by the memory that
// both sides see, and a socket carries only where they are. Used by both sides.

import type { StoredBytes } from "../codec/boundary.ts";
import { encodeMessage, MessageDecoder } from "../codec/wire-bytes.ts";
import type { ChannelListener } from "./channel.ts";
import { wordBeyond, type MemoryFrame } from "./memory-messages.ts";
import type { SharedStore } from "./payload-store.ts";
import type { SharedBytes } from "./shared-bytes.ts";

/** Bytes from which on a message goes by memory. Smaller: more work for messages that a socket carries as fast. */
const LARGE_MESSAGE = 128 * 1024;

/** Puts messages down, and lets go of those that have been read. */
export class FrameWriter {
  readonly #unread: StoredBytes[] = [];
  #written = 0;

  /** Undefined if there is no room. */
  write(parts: readonly Uint8Array[], store: SharedStore): MemoryFrame | undefined {
    const size = sizeOf(parts);
    const stored = store.putParts(parts, size);
    if (stored === undefined) return undefined;
    this.#written += 1;
    this.#unread.push(stored);
    return { type: "memoryFrame", at: stored.at, size };
  }

  /** The other side has read so many since the beginning, as its word says. */
  letGoOfRead(read: number): void {
    while (this.#unread.length > -wordBeyond(read, this.#written)) this.#unread.shift()!.letGo();
  }

  /** The other side is gone. */
  letGoOfAll(): void {
    this.letGoOfRead(this.#written);
  }
}

export function isLarge(parts: readonly Uint8Array[]): boolean {
  return sizeOf(parts) >= LARGE_MESSAGE;
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Delivers messages that have been put down. */
export class FrameReader {
  /** How many it has read. */
  read = 0;
  readonly #decodeCompact: (body: Uint8Array) => unknown;

  /** `decodeCompact`: reads those that are in a form of their own. */
  constructor(decodeCompact: (body: Uint8Array) => unknown) {
    this.#decodeCompact = decodeCompact;
  }

  /** `done`: called when the bytes are not needed any more. */
  deliver<In>({ at, size }: MemoryFrame, bytes: SharedBytes, listener: ChannelListener<In>, done: () => void): void {
    const failed = (error: unknown): void => {
      this.#finish(done);
      listener.messageError(error);
    };
    const message = (delivered: never): void => {
      this.#finish(done);
      listener.message(delivered);
    };
    let frame: Uint8Array;
    try {
      frame = bytes.view(at, size);
    } catch (error) {
      // There is no room for a copy, or none so large.
      return failed(error);
    }
    new MessageDecoder({ message, messageError: failed, garbled: failed }, this.#decodeCompact).push(frame);
  }

  #finish(done: () => void): void {
    this.read += 1;
    done();
  }
}

/** What a channel sends of an encoded message: what says where it has been put down, if it has been. */
export function encodeAtMost(parts: Uint8Array[], putDown: ((parts: readonly Uint8Array[]) => object | undefined) | undefined): Uint8Array[] {
  const instead = putDown?.(parts);
  return instead === undefined ? parts : encodeMessage(instead, []);
}
