// Removes from a build folder what tsc made of sources that are gone: it would be packed, or run as a test. A step of
// build.mjs.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** A declaration tells that tsc made the file; the folders in `except` are filled by other steps. */
export function removeStale(outFolder, sourceFolder, except = []) {
  for (const name of readdirSync(outFolder, { recursive: true })) {
    if (!name.endsWith(".d.ts") || except.some((folder) => name.startsWith(folder))) continue;
    const stem = name.slice(0, -".d.ts".length);
    if (existsSync(join(sourceFolder, `${stem}.ts`))) continue;
    for (const ending of [".d.ts", ".js", ".js.map"]) rmSync(join(outFolder, stem + ending), { force: true });
  }
}
