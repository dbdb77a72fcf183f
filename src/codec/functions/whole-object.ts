// Objects that cross by name: what is built in, and the exports of CommonJS modules. Called by the walker of values for
// every object that is no plain data, and by `capture`.

import type { GlobalTemplate, ReferenceTemplate } from "../template.ts";
import { builtinReference, exportsReference } from "./reference.ts";

const known = new WeakMap<object, ReferenceTemplate | GlobalTemplate>();
const noExports = new WeakSet<object>();

/** How an object crosses by name (`Math`, `process`, `fs`, the exports of a package), or undefined if it has none. */
export function wholeObject(value: object): ReferenceTemplate | GlobalTemplate | undefined {
  const before = known.get(value);
  if (before !== undefined) return before;
  return keep(value, builtinReference(value));
}

/**
 * The same for the value of a captured variable, which may also be the exports of a CommonJS module. Looks through all
 * modules, so it is not asked of every object; what it finds, `wholeObject` knows from then on.
 */
export function wholeVariable(value: object): ReferenceTemplate | GlobalTemplate | undefined {
  const template = wholeObject(value);
  if (template !== undefined || noExports.has(value)) return template;
  const found = keep(value, exportsReference(value));
  if (found === undefined) noExports.add(value);
  return found;
}

function keep(value: object, template: ReferenceTemplate | GlobalTemplate | undefined): ReferenceTemplate | GlobalTemplate | undefined {
  if (template !== undefined) known.set(value, template);
  return template;
}
