// Messages as bytes, for sockets: one frame is [bytes of the body, mark and number of buffers][length of each buffer][body]
// [buffers]. The mark tells that what is there is a frame: whoever else writes to a socket of ours makes the rest unreadable.
// Large buffers follow the body as they are, so that they are copied neither into it nor out of it. Both sides run the
// same Node, so that its own serialized form, which knows every value that structured clone knows, will do.

import { Deserializer, Serializer } from "node:v8";

/** Bytes in front of each frame: two 32-bit numbers. */
export const PREFIX_SIZE = 8;

/** The second number, to which that of the buffers is added. As a byte, its last is none of any text. */
const MARK = 0xd5_00_00_00 | 0;
const MOST_BUFFERS = 0xff_ff_ff;

/** Instead: the body is not of Node's serialized form, but one that the channel knows. */
export const COMPACT = -1;

/** Lengths of buffers are doubles: they may be more than 32 bits hold. */
const LENGTH_SIZE = Float64Array.BYTES_PER_ELEMENT;

/** Bytes written at once: systems refuse, or silently shorten, writes of 2 GiB and more. */
const LARGEST_WRITE = 256 * 1024 * 1024;

/**
 * The bytes of a message, to be written in this order. Buffers among `outOfBand` are not copied: they must not change
 * until all is written.
 *
 * @throws {DataCloneError} If something in the message cannot be carried.
 */
export function encodeMessage(message: unknown, outOfBand: readonly object[]): Uint8Array[] {
  const buffers = outOfBand.length === 0 ? NO_BUFFERS : outOfBand.filter((object) => object instanceof ArrayBuffer);
  const serializer = new Serializer();
  const prefixSize = PREFIX_SIZE + LENGTH_SIZE * buffers.length;
  // In front of the body in the same memory, so that a small message leaves as one piece.
  serializer.writeRawBytes(buffers.length === 0 ? EMPTY_PREFIX : new Uint8Array(prefixSize));
  serializer.writeHeader();
  buffers.forEach((buffer, index) => serializer.transferArrayBuffer(index, buffer));
  serializer.writeValue(message);
  const frame = serializer.releaseBuffer();
  writePrefix(frame, frame.byteLength - prefixSize, buffers);
  if (buffers.length === 0 && frame.byteLength <= LARGEST_WRITE) return [frame];
  return [...pieces(frame), ...buffers.flatMap((buffer) => pieces(new Uint8Array(buffer)))];
}

const NO_BUFFERS: readonly ArrayBuffer[] = [];
const EMPTY_PREFIX = new Uint8Array(PREFIX_SIZE);

function writePrefix(frame: Uint8Array, bodySize: number, buffers: readonly ArrayBuffer[]): void {
  const prefix = new DataView(frame.buffer, frame.byteOffset);
  prefix.setUint32(0, bodySize, true);
  prefix.setInt32(4, MARK + buffers.length, true);
  buffers.forEach((buffer, index) => prefix.setFloat64(PREFIX_SIZE + LENGTH_SIZE * index, buffer.byteLength, true));
}

function pieces(bytes: Uint8Array): Uint8Array[] {
  if (bytes.byteLength <= LARGEST_WRITE) return [bytes];
  return Array.from({ length: Math.ceil(bytes.byteLength / LARGEST_WRITE) }, (_, index) => bytes.subarray(index * LARGEST_WRITE, (index + 1) * LARGEST_WRITE));
}

/** Who hears of decoded messages: a channel's listener. */
export interface DecodedListener {
  message(message: never): void;
  messageError(error: unknown): void;
  /** What has arrived is no message, and where the next one begins cannot be told: nothing more is handed on. */
  garbled?(error: unknown): void;
}

/** Puts messages together again from bytes that arrive in pieces of any size. */
export class MessageDecoder {
  readonly #listener: DecodedListener;
  readonly #decodeCompact: ((body: Uint8Array) => unknown) | undefined;
  #stage: "prefix" | "lengths" | "content" = "prefix";
  /** What is being filled, in order; of those that could not be allocated only the size is known. */
  #parts: Part[] = [new Part(PREFIX_SIZE)];
  /** Which of them is being filled. */
  #current = 0;
  /** Of the message that is being read. */
  #bodySize = 0;
  #isCompact = false;
  /** Why the message cannot be read; its bytes are passed over. */
  #failure: unknown = undefined;
  #isGarbled = false;

  /** `decodeCompact`: reads bodies that are marked so. */
  constructor(listener: DecodedListener, decodeCompact?: (body: Uint8Array) => unknown) {
    this.#listener = listener;
    this.#decodeCompact = decodeCompact;
  }

  /** Takes the next bytes, and hands on every message that they complete. */
  push(chunk: Uint8Array): void {
    let rest = this.#deliverWhole(chunk);
    while (!this.#isGarbled) {
      const part = this.#parts[this.#current];
      if (part === undefined) this.#finishStage();
      else if (part.isFull) this.#current += 1;
      else if (rest.byteLength === 0) return;
      else rest = part.take(rest);
    }
  }

  /** Hands on the messages that are whole in the chunk, as nearly all are, from where they are. Returns what is left of it. */
  #deliverWhole(chunk: Uint8Array): Uint8Array {
    if (this.isWithinMessage) return chunk;
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    while (chunk.byteLength - from >= PREFIX_SIZE) {
      const kind = view.getInt32(from + 4, true);
      if (kind !== COMPACT && kind !== MARK) break;
      const end = from + PREFIX_SIZE + view.getUint32(from, true);
      if (end > chunk.byteLength) break;
      const body = chunk.subarray(from + PREFIX_SIZE, end);
      from = end;
      this.#handOn(body, NO_PARTS, kind === COMPACT);
    }
    return from === 0 ? chunk : chunk.subarray(from);
  }

  /** Whether bytes of an unfinished message are held: the connection broke in the middle of it. */
  get isWithinMessage(): boolean {
    return this.#stage !== "prefix" || this.#parts[0]?.isEmpty === false;
  }

  #finishStage(): void {
    if (this.#stage === "prefix") this.#expectLengths(this.#view(0));
    else if (this.#stage === "lengths") this.#expectContent(this.#view(0));
    else this.#deliver();
  }

  #view(index: number): DataView {
    const { buffer } = this.#parts[index]!.bytes!;
    return new DataView(buffer);
  }

  #expectLengths(prefix: DataView): void {
    this.#bodySize = prefix.getUint32(0, true);
    const kind = prefix.getInt32(4, true);
    this.#isCompact = kind === COMPACT;
    const buffers = this.#isCompact ? 0 : kind - MARK;
    if (buffers < 0 || buffers > MOST_BUFFERS) return this.#giveUp();
    this.#expect("lengths", [new Part(LENGTH_SIZE * buffers)]);
  }

  #giveUp(): void {
    this.#isGarbled = true;
    this.#listener.garbled?.(new TypeError("Cannot read the messages any more: something else has been written, or read, between them"));
  }

  #expectContent(lengths: DataView): void {
    const sizes = Array.from({ length: lengths.byteLength / LENGTH_SIZE }, (_, index) => lengths.getFloat64(LENGTH_SIZE * index, true));
    const parts = [this.#bodySize, ...sizes].map((size) => new Part(size));
    this.#failure = parts.find((part) => part.failure !== undefined)?.failure;
    this.#expect("content", parts);
  }

  #expect(stage: "prefix" | "lengths" | "content", parts: Part[]): void {
    this.#stage = stage;
    this.#parts = parts;
    this.#current = 0;
  }

  #deliver(): void {
    const [body, ...buffers] = this.#parts;
    const failure = this.#failure;
    this.#failure = undefined;
    // Before the listener runs: it may throw, and the next message must still be read.
    this.#expect("prefix", [new Part(PREFIX_SIZE)]);
    if (failure !== undefined) return this.#listener.messageError(failure);
    this.#handOn(body!.bytes!, buffers, this.#isCompact);
  }

  #handOn(body: Uint8Array, buffers: readonly Part[], isCompact: boolean): void {
    let message: never;
    try {
      message = (isCompact ? this.#decodeCompact?.(body) : decode(body, buffers)) as never;
    } catch (error) {
      return this.#listener.messageError(error);
    }
    this.#listener.message(message);
  }
}

const NO_PARTS: readonly Part[] = [];

function decode(body: Uint8Array, buffers: readonly Part[]): unknown {
  const deserializer = new Deserializer(body);
  deserializer.readHeader();
  buffers.forEach((part, index) => deserializer.transferArrayBuffer(index, part.bytes!.buffer));
  return deserializer.readValue();
}

/** A run of bytes of known length that is being received. */
class Part {
  readonly #size: number;
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  /** Why there is no memory for it. */
  readonly failure: unknown;
  #filled = 0;

  constructor(size: number) {
    this.#size = size;
    try {
      this.bytes = new Uint8Array(size);
    } catch (error) {
      this.failure = error;
    }
  }

  get isFull(): boolean {
    return this.#filled === this.#size;
  }

  get isEmpty(): boolean {
    return this.#filled === 0;
  }

  /** Returns what belongs to the next part. */
  take(chunk: Uint8Array): Uint8Array {
    const taken = Math.min(chunk.byteLength, this.#size - this.#filled);
    this.bytes?.set(taken === chunk.byteLength ? chunk : chunk.subarray(0, taken), this.#filled);
    this.#filled += taken;
    return chunk.subarray(taken);
  }
}
