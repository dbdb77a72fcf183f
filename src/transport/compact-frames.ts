// The commonest messages as bytes for a socket, written by hand in the form that they have in a ring: Node's serializer
// takes several times as long for a small message, and leaves memory outside of the heap for the garbage collector.
//
// One buffer serves all messages that a thread writes, and one all that it reads.

import { COMPACT, PREFIX_SIZE } from "../codec/wire-bytes.ts";
import { ringMemory } from "./ring.ts";
import type { FrameForm, FrameSpace } from "./ring-frames.ts";

/** Bytes. Smaller: more messages are written the other way. Larger: memory in each thread. */
const LARGEST_COMPACT = 65_536;

/** Room for one message behind its prefix. */
class Scratch implements FrameSpace {
  readonly #bytes = new Uint8Array(LARGEST_COMPACT);
  readonly memory = ringMemory(this.#bytes.buffer);
  #size = 0;

  reserve(size: number): number {
    this.#size = PREFIX_SIZE + size;
    return this.#size <= LARGEST_COMPACT ? PREFIX_SIZE : -1;
  }

  publish(): void {
    this.memory.words[0] = this.#size - PREFIX_SIZE;
    this.memory.words[1] = COMPACT;
  }

  /** The prefix and what was reserved last. */
  get frame(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  /** Puts the body of a message where it is aligned. */
  hold(body: Uint8Array): void {
    this.#bytes.set(body, PREFIX_SIZE);
  }
}

let outgoing: Scratch | undefined;
let incoming: Scratch | undefined;

/** The bytes of a message, valid until the next call; `undefined` if it is none of the commonest. */
export function encodeCompact<Message>(form: FrameForm<Message>, message: Message): Uint8Array | undefined {
  outgoing ??= new Scratch();
  return form.write(outgoing, message) ? outgoing.frame : undefined;
}

/** The bytes that `encodeCompact` gave last are still needed: the next ones must be others. */
export function keepEncoded(): void {
  outgoing = undefined;
}

/** The message whose bytes, without their prefix, these are. */
export function decodeCompact<Message>(form: FrameForm<Message>, body: Uint8Array): Message {
  incoming ??= new Scratch();
  incoming.hold(body);
  return form.read(incoming.memory, PREFIX_SIZE);
}
