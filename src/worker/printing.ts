// Makes a worker process print as it sends its messages: each write is over when it returns. Node writes to pipes when it
// can, in the background, and drops what is left when the process exits or is killed; and as a pipe is the program's own,
// shared with it and the other workers, its mode is not this worker's to change.

import { Socket } from "node:net";
import { writeAll } from "../transport/write-all.ts";

/** Called by the entry of a process, before anything of the user's runs. */
export function printAtOnce(): void {
  // Node writes to pipes at once on Windows.
  if (process.platform === "win32") return;
  for (const [name, descriptor] of [
    ["stdout", 1],
    ["stderr", 2],
  ] as const) {
    const made = Object.getOwnPropertyDescriptor(process, name);
    // A stream is made when it is first asked for, which takes time that few workers need to spend.
    if (made?.get !== undefined) Object.defineProperty(process, name, { ...made, get: () => writingAtOnce(made.get?.call(process), descriptor) });
  }
}

const adapted = new WeakSet<object>();

/** Only streams that are pipes write in the background: files and terminals do not. */
function writingAtOnce(stream: unknown, descriptor: number): unknown {
  if (!(stream instanceof Socket) || "isTTY" in stream || adapted.has(stream)) return stream;
  adapted.add(stream);
  return Object.assign(stream, {
    // Instead of several writes at once.
    _writev: undefined,
    _write(chunk: Uint8Array | string, encoding: BufferEncoding, done: (error?: unknown) => void): void {
      try {
        writeAll(descriptor, [typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk]);
      } catch (error) {
        // Nobody reads any more.
        return done(error);
      }
      done();
    },
  });
}
