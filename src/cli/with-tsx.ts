// Runs the same command again with tsx as its loader. Workers inherit it with the other Node options.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { fileAt } from "./file-at.ts";
import { runInstead } from "./launch.ts";

/** Whether a loader named tsx is among this process's Node options. */
export function isTsxLoaded(): boolean {
  return [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].some((option) => /\btsx\b/.test(option));
}

/** The URL of the tsx that belongs to the user's module, else to the working folder, else to dure. */
export function resolveTsx(modulePath: string): string | undefined {
  const places = [modulePath, join(process.cwd(), "package.json"), import.meta.filename];
  return places.map(tsxSeenFrom).find((url) => url !== undefined);
}

function tsxSeenFrom(file: string): string | undefined {
  try {
    return pathToFileURL(createRequire(join(dirname(file), "package.json")).resolve("tsx")).href;
  } catch {
    return undefined;
  }
}

/** The settings that an editor and the compiler use for the file; tsx by itself takes those of the working folder. */
export function takeSettingsOf(path: string): void {
  const settings = tsconfigAbove(dirname(path));
  if (settings !== undefined) process.env["TSX_TSCONFIG_PATH"] ??= settings;
}

function tsconfigAbove(folder: string): string | undefined {
  const path = join(folder, "tsconfig.json");
  if (fileAt(path)?.isFile() === true) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : tsconfigAbove(parent);
}

/** Never returns: this process becomes, or ends as, the second one. */
export function runAgainWithTsx(tsx: string, modulePath: string): Promise<never> {
  takeSettingsOf(modulePath);
  return runInstead(["--import", tsx, ...process.argv.slice(1)]);
}
