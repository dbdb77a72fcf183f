// Classes that every thread has by the same name, so that neither they nor their source need to be sent.

import { statSync } from "node:fs";
import * as errors from "../../contract/errors.ts";

const CLASSES: ReadonlyMap<string, { readonly prototype: object }> = new Map<string, { readonly prototype: object }>(
  Object.entries(errors).map(([name, value]) => [name, value as { readonly prototype: object }]),
);

const NAMES: ReadonlyMap<object, string> = new Map([...CLASSES].map(([name, { prototype }]) => [prototype, name]));

/** The name of an error class of ours, also if another copy of dure made the error. */
export function knownClassName(prototype: object, error: Error): string | undefined {
  return NAMES.get(prototype) ?? nameInOtherCopy(prototype, error);
}

/** Codes are ours alone; a user's subclass has the code and another name. */
function nameInOtherCopy(prototype: object, error: Error): string | undefined {
  const code: unknown = Object.getOwnPropertyDescriptor(error, "code")?.value;
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof code !== "string" || !code.startsWith("DURE_") || typeof constructor !== "function") return undefined;
  return CLASSES.has(constructor.name) ? constructor.name : undefined;
}

/** Node's classes of plain fields, which newer versions do not export: what a file's `stat` gives. */
const SAMPLES: Readonly<Record<string, () => object>> = {
  Stats: () => statSync(process.execPath),
  BigIntStats: () => statSync(process.execPath, { bigint: true }),
};

/** The name of such a class of Node. Asked by name first, so that hardly any object costs a look at a file. */
export function nodeClassName(prototype: object): string | undefined {
  const name: unknown = (Object.getOwnPropertyDescriptor(prototype, "constructor")?.value as { name?: unknown } | undefined)?.name;
  return typeof name === "string" && Object.hasOwn(SAMPLES, name) && samplePrototype(name) === prototype ? name : undefined;
}

const samplePrototypes = new Map<string, object>();

function samplePrototype(name: string): object | undefined {
  const known = samplePrototypes.get(name);
  const sample = known === undefined ? SAMPLES[name]?.() : undefined;
  if (sample === undefined) return known;
  const prototype = Object.getPrototypeOf(sample) as object;
  samplePrototypes.set(name, prototype);
  return prototype;
}

export function knownPrototype(name: string): object | undefined {
  return name === "Buffer" ? Buffer.prototype : (CLASSES.get(name)?.prototype ?? samplePrototype(name));
}
