// A task that is short, until it is told to wait.

import { existsSync } from "node:fs";

/** Returns `n`; at once, or when there is a file at `path`. */
export function untilExists(n: number, path?: string): number {
  if (path === undefined) return n;
  const word = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(path)) Atomics.wait(word, 0, 0, 1);
  return n;
}
