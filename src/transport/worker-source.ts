// Finds what a worker starts with: the bundled entry's file, or, where dure is inside a bundle and that file was left
// behind, the same code as a string.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { embeddedEntry } from "./embedded-entry.generated.ts";

export type WorkerSource = { readonly file: string } | { readonly code: string };

let found: WorkerSource | undefined;

export function workerSource(): WorkerSource {
  return (found ??= findWorkerSource(import.meta.url));
}

/** `moduleUrl` is undefined in a bundle of CommonJS format, which has no `import.meta`. */
function findWorkerSource(moduleUrl: string | undefined): WorkerSource {
  const file = entryBeside(moduleUrl);
  return file === undefined ? { code: embeddedEntry() } : { file };
}

function entryBeside(moduleUrl: string | undefined): string | undefined {
  if (moduleUrl === undefined || !moduleUrl.startsWith("file:")) return undefined;
  const file = fileURLToPath(new URL("../worker/dure-worker.cjs", moduleUrl));
  return existsSync(file) ? file : undefined;
}
