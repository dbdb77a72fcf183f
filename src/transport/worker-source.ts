// Finds what a worker starts with: the file that loads the bundled entry, or, where dure is inside a bundle and that file
// was left behind, the entry's code as a string.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { embeddedEntries } from "./embedded-entries.generated.ts";

export type WorkerSource = { readonly file: string } | { readonly code: string };

/** `null` if there is none. */
let file: string | null | undefined;

export function workerSource(kind: "thread" | "process"): WorkerSource {
  file ??= entryBeside(import.meta.url) ?? null;
  return file === null ? { code: embeddedEntries()[kind] } : { file };
}

/** `moduleUrl` is undefined in a bundle of CommonJS format, which has no `import.meta`. */
function entryBeside(moduleUrl: string | undefined): string | undefined {
  if (moduleUrl === undefined || !moduleUrl.startsWith("file:")) return undefined;
  const path = fileURLToPath(new URL("../worker/dure-worker.cjs", moduleUrl));
  return existsSync(path) ? path : undefined;
}
