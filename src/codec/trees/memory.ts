// Memory that values are written to by hand, as several views of the same bytes.

/** What is used of Node's `Buffer`, by a name of our own: those who compile against the declarations may be without Node's types. */
export interface TextBytes extends Uint8Array {
  write(text: string, at: number, length: number, encoding: "utf8" | "utf16le"): number;
  toString(encoding?: "latin1" | "utf16le", from?: number, to?: number): string;
}

/** Where values and frames lie in it is said in bytes from its beginning, and is a multiple of 8. */
export interface FrameMemory {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly units: Uint16Array;
  readonly bytes: TextBytes;
}

export function frameMemory(buffer: ArrayBufferLike): FrameMemory {
  return { words: new Int32Array(buffer), doubles: new Float64Array(buffer), units: new Uint16Array(buffer), bytes: Buffer.from(buffer) };
}
