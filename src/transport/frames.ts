// Messages on a byte stream: each is its length, then its bytes.

/** Bytes before each message: its length as a 64-bit integer. */
export const HEADER_SIZE = 8;

/** Longest message that a header may announce: more is not a length but a stream out of step. */
const MAX_FRAME_SIZE = 2 ** 40;

export function frameHeader(size: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_SIZE);
  header.writeBigUInt64LE(BigInt(size));
  return header;
}

/** Cuts a stream into messages. What is in one chunk is not copied; a longer one is written once, into memory of its size. */
export class FrameReader {
  readonly #onFrame: (bytes: Buffer) => void;
  /** The header or the body that is incomplete, and how much of it is there. */
  #part: Buffer | undefined;
  #filled = 0;
  #isHeader = true;

  constructor(onFrame: (bytes: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    let offset = this.#part === undefined ? 0 : this.#fill(chunk, 0);
    while (offset < chunk.length) offset = this.#read(chunk, offset);
  }

  /** Reads one header or body from `offset` on and returns where it ends. */
  #read(chunk: Buffer, offset: number): number {
    if (!this.#isHeader) throw new Error("A body is always begun by its header");
    if (chunk.length - offset < HEADER_SIZE) return this.#begin(HEADER_SIZE, chunk, offset);
    const bodyStart = offset + HEADER_SIZE;
    return this.#readBody(bodySize(chunk, offset), chunk, bodyStart);
  }

  #readBody(size: number, chunk: Buffer, offset: number): number {
    if (chunk.length - offset >= size) {
      this.#onFrame(chunk.subarray(offset, offset + size));
      return offset + size;
    }
    this.#isHeader = false;
    return this.#begin(size, chunk, offset);
  }

  #begin(size: number, chunk: Buffer, offset: number): number {
    // Not from the pool of small buffers, which would be kept alive by any part of the message that lives on.
    this.#part = Buffer.allocUnsafeSlow(size);
    this.#filled = 0;
    return this.#fill(chunk, offset);
  }

  #fill(chunk: Buffer, offset: number): number {
    const part = this.#part!;
    const taken = chunk.copy(part, this.#filled, offset);
    this.#filled += taken;
    if (this.#filled < part.length) return offset + taken;
    this.#part = undefined;
    if (this.#isHeader) return this.#readBody(bodySize(part, 0), chunk, offset + taken);
    this.#isHeader = true;
    this.#onFrame(part);
    return offset + taken;
  }
}

function bodySize(bytes: Buffer, offset: number): number {
  const size = Number(bytes.readBigUInt64LE(offset));
  if (size > MAX_FRAME_SIZE) throw new RangeError(`A message of ${size} bytes was announced: the stream is out of step`);
  return size;
}
