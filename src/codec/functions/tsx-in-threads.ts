// Where Node has no hooks that every thread can register for itself (before 22.15), tsx registers in the main thread only,
// and threads read no TypeScript. So a thread that is about to import something has tsx register there, too: not before,
// as that takes longer than to start the thread.

import * as nodeModule from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";

/** What of tsx is used. */
interface TsxApi {
  register(): unknown;
}

let isDone = isMainThread || "registerHooks" in nodeModule;

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
