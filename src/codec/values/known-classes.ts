// Classes that every thread has by the same name, so that neither they nor their source need to be sent.

import * as errors from "../../contract/errors.ts";

const CLASSES: ReadonlyMap<string, { readonly prototype: object }> = new Map<string, { readonly prototype: object }>(
  Object.entries(errors).map(([name, value]) => [name, value as { readonly prototype: object }]),
);

const NAMES: ReadonlyMap<object, string> = new Map([...CLASSES].map(([name, { prototype }]) => [prototype, name]));

/** The name of an error class of ours, by its prototype. */
export function knownClassName(prototype: object): string | undefined {
  return NAMES.get(prototype);
}

export function knownPrototype(name: string): object | undefined {
  return name === "Buffer" ? Buffer.prototype : CLASSES.get(name)?.prototype;
}
