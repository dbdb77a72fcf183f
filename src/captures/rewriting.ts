// What of a loaded module is rewritten, and how its text is got at. Whatever goes wrong: it is loaded as it is.

import * as nodeModule from "node:module";
import { fileURLToPath } from "node:url";
import { annotate } from "./annotate.ts";

/** What a hook is told of a module. */
export interface LoadedModule {
  readonly format?: string | null | undefined;
  readonly source?: string | ArrayBuffer | Uint8Array | null | undefined;
}

/** Newer than the types. */
interface NewerModule {
  stripTypeScriptTypes?(source: string): string;
}

/** The formats of JavaScript, and what they are called once there is nothing else left. */
const FORMATS: ReadonlyMap<string, "module" | "commonjs"> = new Map([
  ["module", "module"],
  ["commonjs", "commonjs"],
  ["module-typescript", "module"],
  ["commonjs-typescript", "commonjs"],
]);

/** `place`: the module's URL or path. */
export function rewritten<M extends LoadedModule>(place: string, loaded: M): M {
  const format = FORMATS.get(loaded.format ?? "");
  if (format === undefined || !isOfProgram(place)) return loaded;
  const text = textOf(loaded.source);
  if (text === undefined || !text.includes("submit")) return loaded;
  try {
    const source = annotate(loaded.format === format ? text : stripped(text), format === "module");
    return source === undefined ? loaded : { ...loaded, format, source };
  } catch {
    return loaded;
  }
}

/** Where dure itself is. */
const OWN_FOLDERS = [new URL(".", import.meta.url).href, fileURLToPath(new URL(".", import.meta.url))];

function isOfProgram(place: string): boolean {
  const isFile = place.startsWith("file:") || !/^[a-z]{2,}:/i.test(place);
  return isFile && !/[\\/]node_modules[\\/]/.test(place) && !OWN_FOLDERS.some((folder) => place.startsWith(folder));
}

function textOf(source: LoadedModule["source"]): string | undefined {
  if (typeof source === "string" || source === undefined || source === null) return source ?? undefined;
  return new TextDecoder().decode(source);
}

/** As Node does it, which puts spaces in place of types. */
function stripped(text: string): string {
  const { stripTypeScriptTypes } = nodeModule as NewerModule;
  if (stripTypeScriptTypes === undefined) throw new Error("this Node strips no types");
  return withoutWarnings(() => stripTypeScriptTypes(text));
}

/** Node warns that the function is new. It is ours to call. */
function withoutWarnings<T>(run: () => T): T {
  // oxlint-disable-next-line typescript/unbound-method -- only put back, never called
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return run();
  } finally {
    process.emitWarning = emitWarning;
  }
}
