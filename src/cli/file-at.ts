// Looks at what is at a path that somebody has typed, and so may be anything.

import { statSync } from "node:fs";
import type { Stats } from "node:fs";
import { reasonOf } from "./system-error.ts";
import { UsageError } from "./usage-error.ts";

/** Nothing is there, or can be: behind a file, or under such a name. */
const NOTHING: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);

/** `undefined` if nothing is there. */
export function fileAt(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (NOTHING.has((error as NodeJS.ErrnoException).code)) return undefined;
    throw new UsageError(`Cannot look at ${path}: ${reasonOf(error)}`);
  }
}
