// On older Nodes tsx registers its hooks in the main thread only, and threads read no TypeScript, or only what Node itself
// reads. So a thread that is about to import something has tsx register there, too: not before, as that takes longer than
// to start the thread.

import * as nodeModule from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";

/** What of tsx is used. */
interface TsxApi {
  register(): unknown;
}

/** The versions of Node, by their major number, from which on tsx has hooks that each thread registers for itself. */
const IN_ALL_THREADS: ReadonlyMap<number, readonly [minor: number, patch: number]> = new Map([
  [22, [22, 3]],
  [24, [11, 1]],
  [25, [1, 0]],
]);

let isDone = isMainThread || registersInThreads();

/** Called on the far side before anything is imported. */
export function readAsParentDoes(): void {
  if (isDone) return;
  isDone = true;
  try {
    registerTsx();
  } catch {
    // Another tsx than is known: what it would have read, the import then says.
  }
}

function registersInThreads(): boolean {
  const [major = 0, minor = 0, patch = 0] = process.versions.node.split(".").map(Number);
  const [leastMinor, leastPatch] = IN_ALL_THREADS.get(major) ?? [major > 25 ? 0 : Infinity, 0];
  return minor > leastMinor || (minor === leastMinor && patch >= leastPatch);
}

function registerTsx(): void {
  const loader = loaderOfTsx();
  // "tsx/esm/api", by its file: what `require` would find by that name looks for its hooks in the wrong folder.
  const api = loader && fileURLToPath(new URL("esm/api/index.mjs", loader));
  if (api !== undefined) (nodeModule.createRequire(api)(api) as TsxApi).register();
}

/** As `tsx`, `dure run` and `node --import tsx` name it. */
function loaderOfTsx(): string | undefined {
  const options = [...process.execArgv, ...(process.env["NODE_OPTIONS"] ?? "").split(/\s+/)];
  const named = options.map((option) => option.replace(/^--(?:import|loader)=/, ""));
  if (named.includes("tsx")) return pathToFileURL(nodeModule.createRequire(join(process.cwd(), "package.json")).resolve("tsx")).href;
  return named.find((option) => /^file:.*\/tsx\/dist\/loader\.mjs$/.test(option));
}
