// Whether there is a shell that can watch over worker processes. Asked by both sides: where there is none, each worker
// watches its parent itself.

import { existsSync } from "node:fs";

export const SHELL = "/bin/sh";

let found: boolean | undefined;

export function hasShell(): boolean {
  return (found ??= process.platform !== "win32" && existsSync(SHELL));
}
