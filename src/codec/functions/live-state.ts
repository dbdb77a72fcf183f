// What a function or class has become since its source was evaluated: static fields, properties and methods added to
// it or to its prototype, what it inherits from. Called by `dissect`.

import type { OwnProperty } from "./dissected.ts";
import type { DeclaredMember, FunctionAnalysis } from "./function-analysis.ts";

type AnyFunction = (...args: never[]) => unknown;

const GIVEN_TO_FUNCTIONS: ReadonlySet<string | symbol> = new Set(["length", "name", "prototype", "arguments", "caller"]);

/** Programs may give functions any name, or none. */
export function nameOf(fn: AnyFunction): string {
  const name: unknown = fn.name;
  return typeof name === "string" ? name : "";
}

/** Whether it has been assigned a property. Takes a tenth of the time that counting its keys takes. */
export function hasEnumerable(fn: AnyFunction): boolean {
  for (const _key in fn) return true;
  return false;
}

export function addedProperties(fn: AnyFunction, analysis: FunctionAnalysis): OwnProperty[] {
  const prototype = prototypeOf(fn);
  return [
    ...added(fn, "self", isGivenToFunction, analysis.members),
    ...(prototype === undefined ? [] : added(prototype, "prototype", isConstructor, analysis.members)),
  ];
}

/** A static field may have one of their names; it can be assigned, which `name` and `length` as every function has them cannot. */
function isGivenToFunction(key: string | symbol, descriptor: PropertyDescriptor): boolean {
  return key === "prototype" || (GIVEN_TO_FUNCTIONS.has(key) && descriptor.writable === false);
}

function isConstructor(key: string | symbol): boolean {
  return key === "constructor";
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

function added(holder: object, on: OwnProperty["on"], isGiven: typeof isGivenToFunction, members: readonly DeclaredMember[]): OwnProperty[] {
  const properties: OwnProperty[] = [];
  const declared = members.filter(({ isStatic }) => isStatic === (on === "self"));
  for (const key of Reflect.ownKeys(holder)) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, key);
    if (descriptor === undefined || isGiven(key, descriptor)) continue;
    const { value, get, set, enumerable = false } = descriptor;
    if (isDeclared(key, value ?? get ?? set, declared)) continue;
    const isAccessor = !("value" in descriptor);
    properties.push({ on, key, value: isAccessor ? { get, set } : value, isAccessor, enumerable });
  }
  return properties;
}

function isDeclared(key: string | symbol, value: unknown, members: readonly DeclaredMember[]): boolean {
  if (typeof value !== "function" || members.length === 0) return false;
  const text = Function.prototype.toString.call(value);
  return members.some((member) => (member.key === undefined || member.key === key) && member.text.endsWith(text));
}
