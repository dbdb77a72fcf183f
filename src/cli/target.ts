// The function that a command is about, named `MODULE#FN`: finds the module, imports it, picks the export.

import { readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { nearestName } from "../contract/nearest-name.ts";
import { fileAt } from "./file-at.ts";
import { UsageError } from "./usage-error.ts";

/** A command's target, not yet loaded. */
export interface Target {
  /** As the user wrote it. */
  readonly text: string;
  /** The module's absolute path. */
  readonly path: string;
  readonly exportName: string;
}

/** A function of one item: what every rung runs. */
export type ItemFunction = (item: unknown) => unknown;

/** Reads `MODULE#FN`. The module must be an existing file. */
export function parseTarget(text: string): Target {
  const mark = text.lastIndexOf("#");
  if (mark === -1) throw new UsageError(`Cannot tell which function to run: "${text}" must be MODULE#FN, such as ./my_module.ts#gcd`);
  const [module, exportName] = [text.slice(0, mark), text.slice(mark + 1)];
  if (module === "" || exportName === "")
    throw new UsageError(
      `Cannot tell which function to run: "${text}" lacks the ${module === "" ? "module before" : "export's name after"} the #; write MODULE#FN, such as ./my_module.ts#gcd`,
    );
  const path = pathOf(module);
  if (fileAt(path)?.isFile() !== true) throw new UsageError(`Cannot find the module ${module}: there is no such file${insteadOf(module, path)}`);
  return { text, path, exportName };
}

/** The function among the exports of its module. */
export function pickFunction(target: Target, exports: Readonly<Record<string, unknown>>): ItemFunction {
  const { path, exportName } = target;
  if (!Object.hasOwn(exports, exportName))
    throw new UsageError(
      `Cannot find "${exportName}": ${basename(path)} does not export it${suggestion(nearestName(exportName, Object.keys(exports)))}${listOf(exports)}`,
    );
  const found = exports[exportName];
  if (typeof found !== "function")
    throw new UsageError(`Cannot run "${exportName}" of ${basename(path)}: it is not a function but ${found === null ? "null" : typeof found}`);
  return found as ItemFunction;
}

/** A stack trace names modules by their URLs. */
function pathOf(module: string): string {
  return module.startsWith("file:///") ? fileURLToPath(module) : resolve(module);
}

/** What may have been meant. */
function insteadOf(module: string, path: string): string {
  if (fileAt(path)?.isDirectory() === true) return ", but a folder";
  if (/^[a-z]+:[^\\]|^@?[\w-]+(\/[\w-]+)?$/.test(module)) return ". A function of a package is run by a file of yours that exports it";
  return suggestion(nearestFile(path));
}

function nearestFile(path: string): string | undefined {
  try {
    const name = nearestName(basename(path), readdirSync(dirname(path)));
    return name === undefined ? undefined : join(dirname(path), name);
  } catch {
    return undefined;
  }
}

function suggestion(name: string | undefined): string {
  return name === undefined ? "" : `. Did you mean ${name}?`;
}

function listOf(exports: Readonly<Record<string, unknown>>): string {
  const functions = Object.keys(exports).filter((name) => typeof exports[name] === "function");
  return functions.length === 0 ? "\nIt exports no function" : `\nIt exports ${functions.slice(0, 8).join(", ")}${functions.length > 8 ? ", ..." : ""}`;
}
