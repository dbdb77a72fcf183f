// The commonest messages as bytes for a socket, written by hand in the form that they have in a ring: Node's serializer
// takes several times as long for a small message, and leaves memory outside of the heap for the garbage collector.
//
// One buffer serves all messages that a thread writes, and one all that it reads.

import { frameMemory, type FrameMemory } from "../codec/trees/memory.ts";
import { COMPACT, PREFIX_SIZE } from "../codec/wire-bytes.ts";
import type { FrameForm, FrameSpace } from "./ring-frames.ts";

/** Bytes. Smaller: more messages are written the other way. Larger: more memory is taken, for a moment, beside what a message itself takes. */
const LARGEST_COMPACT = 16 * 1024 * 1024;
/** Bytes that a thread keeps for writing, and as many for reading. Smaller: large messages ask for memory anew more often. */
const KEPT_SIZE = 256 * 1024;

/** Room for one message behind its prefix. */
class Scratch implements FrameSpace {
  readonly limit: number = LARGEST_COMPACT - PREFIX_SIZE;
  memory: FrameMemory = frameMemory(new ArrayBuffer(KEPT_SIZE));
  #size = 0;

  reserve(size: number): number {
    if (size > this.limit) return -1;
    this.#size = PREFIX_SIZE + size;
    const capacity = this.memory.bytes.byteLength;
    if (this.#size > capacity || capacity > KEPT_SIZE) this.memory = frameMemory(new ArrayBuffer(Math.max(KEPT_SIZE, this.#size)));
    return PREFIX_SIZE;
  }

  publish(): void {
    this.memory.words[0] = this.#size - PREFIX_SIZE;
    this.memory.words[1] = COMPACT;
  }

  /** The prefix and what was reserved last. */
  get frame(): Uint8Array {
    return this.memory.bytes.subarray(0, this.#size);
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
  if (body.byteLength > KEPT_SIZE && isAligned(body)) return form.read(frameMemory(body.buffer), body.byteOffset);
  incoming ??= new Scratch();
  const at = incoming.reserve(body.byteLength);
  incoming.memory.bytes.set(body, at);
  return form.read(incoming.memory, at);
}

/** As it is in memory of its own, where a large one mostly comes. */
function isAligned({ buffer, byteOffset }: Uint8Array): boolean {
  return byteOffset % 8 === 0 && buffer.byteLength % 8 === 0;
}
