// Whether a worker that loads a module gets what this thread has: the same file, through a loader that workers have
// too, and not the program itself. Called when a function could cross by reference.

import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { isProgramFile } from "./program-files.ts";
import type { Script } from "./script.ts";

const verdicts = new WeakMap<Script, boolean>();

export function loadsAlike(script: Script): boolean {
  const known = verdicts.get(script);
  if (known !== undefined) return known;
  const verdict = decide(script);
  verdicts.set(script, verdict);
  return verdict;
}

/** The file of a script, if it has one. */
export function modulePath(url: string): string | undefined {
  if (url.startsWith("file:")) return fileURLToPath(url);
  return isAbsolute(url) ? url : undefined;
}

function decide(script: Script): boolean {
  if (script.url.startsWith("data:")) return true;
  const path = modulePath(script.url);
  if (path === undefined || isProgramFile(path)) return false;
  const onDisk = readIfThere(path);
  if (onDisk === undefined) return false;
  if (sameText(onDisk, script.source)) return true;
  // Something rewrites the source as it loads. Node does so in every worker. Hooks need not: those that a program
  // registers for itself reach no worker, and tsx's come to threads late, even if they come by a flag.
  return script.isModule && /\.[mc]?ts$/.test(path) && stripsTypes() && isStripped(onDisk, script.source);
}

/** Whether a CommonJS file is one that Node reads as it is; of another, a hook's output may be loaded that workers do not get. */
export function isPlainScript(path: string): boolean {
  return !/\.([mc]?ts|[jt]sx)$/.test(path);
}

/** Node puts spaces in place of types, so that nothing moves. */
function isStripped(onDisk: string, source: string): boolean {
  if (source.length < onDisk.length) return false;
  for (let index = 0; index < onDisk.length; index++) {
    const left = source[index] as string;
    // A semicolon may take a type's place where a line would join the next.
    if (left !== onDisk[index] && left !== ";" && left.trim() !== "") return false;
  }
  return true;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function sameText(onDisk: string, source: string): boolean {
  return onDisk === source || onDisk.replace(/^\uFEFF/, "") === source || onDisk.replace(/^\uFEFF?#![^\n]*/, "") === source;
}

function stripsTypes(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}
