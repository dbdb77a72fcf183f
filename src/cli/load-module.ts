// Imports the user's module. TypeScript that this Node cannot read is left to tsx: a loader has to be there before the
// program starts, so the same command is then run once more with it (with-tsx.ts).

import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { tellIfEnded } from "./ended-early.ts";
import { EXIT_USAGE } from "./exit-codes.ts";
import { readsTypeScript } from "./reads-typescript.ts";
import { UsageError } from "./usage-error.ts";
import { isTsxLoaded, resolveTsx, runAgainWithTsx } from "./with-tsx.ts";

/** What Node says of a `.ts` file that it cannot read itself, or whose imports it resolves otherwise than TypeScript does. */
const NEEDS_TRANSPILING: ReadonlySet<unknown> = new Set([
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
  "ERR_INVALID_TYPESCRIPT_SYNTAX",
  "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
  "ERR_UNSUPPORTED_DIR_IMPORT",
  "ERR_MODULE_NOT_FOUND",
]);

/** The module's exports. Does not return if the command has to be run again with tsx. */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await tellIfEnded(`the module ${path}`, EXIT_USAGE, () => import(pathToFileURL(path).href));
  } catch (error) {
    if (needsTsx(path, error)) await runWithTsx(path);
    throw new UsageError(`Cannot load the module ${path}: ${describe(error)}`);
  }
}

function needsTsx(path: string, error: unknown): boolean {
  if (!/\.[cm]?tsx?$/.test(path) || isTsxLoaded()) return false;
  // `await using` and the like are syntax errors in Nodes that strip types but do not know them yet.
  return error instanceof SyntaxError || NEEDS_TRANSPILING.has((error as NodeJS.ErrnoException).code);
}

async function runWithTsx(path: string): Promise<void> {
  const tsx = resolveTsx(path);
  if (tsx !== undefined) return runAgainWithTsx(tsx, path);
  // A Node that reads TypeScript has its own reason, which the caller shows.
  if (readsTypeScript()) return;
  throw new UsageError(
    `Cannot load ${basename(path)}: Node ${process.versions.node} does not read TypeScript. Use Node 22.18 or later, or install tsx beside it: npm i -D tsx`,
  );
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isAsync = (error as NodeJS.ErrnoException).code === "ERR_REQUIRE_ASYNC_MODULE";
  return `${error.name}: ${error.message}${isAsync ? '\nTo await at its top level, it must be a module: name it .mts, or write "type": "module" into package.json' : ""}`;
}
