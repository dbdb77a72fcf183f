// Writes to a descriptor until all is written, whatever its mode. Used by workers for their messages and for what they print.

import { writeSync, writevSync } from "node:fs";

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Returns when all is written, so that nothing is lost if the process exits next, and a slow reader slows its writer. */
export function writeAll(descriptor: number, parts: readonly Uint8Array[]): void {
  for (let rest = parts; rest.length > 0; ) rest = withoutWritten(rest, writeSome(descriptor, rest));
}

/** The descriptor blocks, unless someone who shares it has made it not to; then a full pipe is waited for. */
function writeSome(descriptor: number, parts: readonly Uint8Array[]): number {
  try {
    return parts.length === 1 ? writeSync(descriptor, parts[0]!) : writevSync(descriptor, parts);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EAGAIN") throw error;
    Atomics.wait(sleeper, 0, 0, 1);
    return 0;
  }
}

function withoutWritten(parts: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let first = 0;
  let left = written;
  for (; first < parts.length && left >= parts[first]!.byteLength; first += 1) left -= parts[first]!.byteLength;
  if (left === 0) return parts.slice(first);
  return [parts[first]!.subarray(left), ...parts.slice(first + 1)];
}
