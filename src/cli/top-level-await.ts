// A program that awaits at its top level is an ES module. tsx takes a `.ts` file for one only where package.json says
// `"type": "module"`, as plain Node does not: in a new folder, or after `npm init`, nothing says so.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { fileAt } from "./file-at.ts";

/** What of esbuild is used, which comes with tsx. */
interface Esbuild {
  transformSync(source: string, options: object): unknown;
}

/** Node options with which the program is an ES module, if it has to be one and tsx would not see it. */
export function asModule(path: string, tsx: string): string[] {
  if (!/\.[jt]sx?$/.test(path) || isOfModules(dirname(path))) return [];
  const source = readFileSync(path, "utf8");
  // Only esbuild can tell, and takes a moment to start.
  if (!/\bawait\b/.test(source) || !awaitsAtTopLevel(path, source, tsx)) return [];
  return ["--import", hookFor(pathToFileURL(path).href)];
}

function isOfModules(folder: string): boolean {
  const path = join(folder, "package.json");
  if (fileAt(path)?.isFile() === true) return /"type"\s*:\s*"module"/.test(readFileSync(path, "utf8"));
  const parent = dirname(folder);
  return parent !== folder && isOfModules(parent);
}

function awaitsAtTopLevel(path: string, source: string, tsx: string): boolean {
  try {
    const { transformSync } = createRequire(fileURLToPath(tsx))("esbuild") as Esbuild;
    transformSync(source, { format: "cjs", loader: path.endsWith("x") ? "tsx" : "ts", logLevel: "silent" });
    return false;
  } catch (error) {
    // An error of the syntax is for the program itself to show.
    return /Top-level await/.test(String((error as Error).message));
  }
}

/** Workers have the option, too, and another main module. */
function hookFor(url: string): string {
  const resolve = `(specifier, context, next) => {
    const found = next(specifier, context);
    const asModule = (found) => (found.url === ${JSON.stringify(url)} ? { ...found, format: "module" } : found);
    return typeof found.then === "function" ? found.then(asModule) : asModule(found);
  }`;
  const source = `
    import module from "node:module";
    import { isMainThread } from "node:worker_threads";
    import { pathToFileURL } from "node:url";
    const isProgram = isMainThread && process.argv[1] !== undefined && pathToFileURL(process.argv[1]).href === ${JSON.stringify(url)};
    if (isProgram && module.registerHooks) module.registerHooks({ resolve: ${resolve} });
    else if (isProgram) module.register(${JSON.stringify(dataUrl(`export const resolve = ${resolve}`))});`;
  return dataUrl(source);
}

/** Under a name that is short in stack traces. */
function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(`${source}\n//# sourceURL=dure-run`)}`;
}
