// Closures as programs make them, noted or not.

import { createRequire } from "node:module";
import vm from "node:vm";
import { annotate } from "#dure/captures/annotate.js";
import { keepNotes } from "#dure/codec/functions/notes.js";

export type AnyFunction = (...args: never[]) => unknown;

type Program = (pool: object, require: NodeJS.Require, exports: object) => void;

/** The functions that the source, as a CommonJS module, gives to `pool.submit`. */
export function submitted(source: string): AnyFunction[] {
  keepNotes(annotate);
  const found: AnyFunction[] = [];
  const run = vm.compileFunction(source, ["pool", "require", "exports"]) as Program;
  run({ submit: (fn: AnyFunction) => void found.push(fn) }, createRequire(import.meta.url), {});
  return found;
}
