// What a function or class has become since its source was evaluated: static fields, properties and methods added to
// it or to its prototype, what it inherits from. Called by `dissect`.

import type { OwnProperty } from "./dissected.ts";
import type { FunctionAnalysis } from "./function-analysis.ts";

type AnyFunction = (...args: never[]) => unknown;

const GIVEN_TO_FUNCTIONS: ReadonlySet<string | symbol> = new Set(["length", "name", "prototype", "arguments", "caller"]);
const GIVEN_TO_PROTOTYPES: ReadonlySet<string | symbol> = new Set(["constructor"]);

export function addedProperties(fn: AnyFunction, analysis: FunctionAnalysis): OwnProperty[] {
  const prototype = prototypeOf(fn);
  return [
    ...added(fn, "self", GIVEN_TO_FUNCTIONS, analysis.memberTexts),
    ...(prototype === undefined ? [] : added(prototype, "prototype", GIVEN_TO_PROTOTYPES, analysis.memberTexts)),
  ];
}

/** What the class extends now, or what a constructor function inherits from. */
export function superclassOf(fn: AnyFunction, analysis: FunctionAnalysis): { value: object | null } | undefined {
  if (analysis.isClass) return analysis.hasHeritage ? { value: Object.getPrototypeOf(fn) as object | null } : undefined;
  const parent = Object.getPrototypeOf(prototypeOf(fn) ?? {}) as object | null;
  // A plain prototype of this context or another.
  if (parent === null || Object.getPrototypeOf(parent) === null) return undefined;
  const { constructor } = parent as { constructor?: unknown };
  const inherits = typeof constructor === "function" && constructor !== fn && constructor.prototype === parent;
  return inherits ? { value: constructor } : undefined;
}

function prototypeOf(fn: AnyFunction): object | undefined {
  const { prototype } = fn as { prototype?: unknown };
  return typeof prototype === "object" && prototype !== null ? prototype : undefined;
}

function added(holder: object, on: OwnProperty["on"], given: ReadonlySet<string | symbol>, declaredTexts: readonly string[]): OwnProperty[] {
  const properties: OwnProperty[] = [];
  for (const key of Reflect.ownKeys(holder)) {
    if (given.has(key)) continue;
    const descriptor = Object.getOwnPropertyDescriptor(holder, key);
    // Accessors are declared in the source of classes; added ones have no value that could be sent.
    if (descriptor === undefined || !("value" in descriptor) || isDeclared(descriptor.value, declaredTexts)) continue;
    properties.push({ on, key, value: descriptor.value, enumerable: descriptor.enumerable ?? false });
  }
  return properties;
}

function isDeclared(value: unknown, declaredTexts: readonly string[]): boolean {
  if (typeof value !== "function" || declaredTexts.length === 0) return false;
  const text = Function.prototype.toString.call(value);
  return declaredTexts.some((declared) => text.endsWith(declared));
}
