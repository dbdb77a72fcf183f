// A buffer of one's own with what is in another. Called by both sides for large ones.

/** Node's allocator leaves out to fill with zeros what is written at once: `slice` takes half as long again. */
export function ownCopy(memory: ArrayBufferLike, size: number): ArrayBuffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  bytes.set(new Uint8Array(memory, 0, size));
  return bytes.buffer;
}
