// Whether two values are the same graph: equal contents and classes, and shared or circular in the same places.

import { equal, ok } from "node:assert/strict";
import { types } from "node:util";

export function assertSameGraph(actual: unknown, expected: unknown): void {
  compare(actual, expected, { forth: new Map(), back: new Map() }, "value");
}

interface Pairs {
  readonly forth: Map<unknown, unknown>;
  readonly back: Map<unknown, unknown>;
}

function compare(actual: unknown, expected: unknown, pairs: Pairs, path: string): void {
  if (typeof expected === "function") return compareFunctions(actual, expected as () => unknown, pairs, path);
  if (typeof expected !== "object" || expected === null) return ok(Object.is(actual, expected), `${path}: ${String(actual)} is not ${String(expected)}`);
  ok(typeof actual === "object" && actual !== null, `${path} is no object`);
  if (pairs.forth.has(expected) || pairs.back.has(actual)) {
    equal(pairs.forth.get(expected), actual, `${path} is shared elsewhere`);
    return equal(pairs.back.get(actual), expected, `${path} is shared elsewhere`);
  }
  pairs.forth.set(expected, actual);
  pairs.back.set(actual, expected);
  ok(actual !== expected || expected instanceof SharedArrayBuffer, `${path} is not a copy`);
  equal(Object.getPrototypeOf(actual), Object.getPrototypeOf(expected), `${path} has another prototype`);
  compareInside(actual, expected, pairs, path);
  compareProperties(actual, expected, pairs, path);
}

/** By what they return. */
function compareFunctions(actual: unknown, expected: () => unknown, pairs: Pairs, path: string): void {
  ok(typeof actual === "function", `${path} is no function`);
  if (pairs.forth.has(expected)) return equal(pairs.forth.get(expected), actual, `${path} is shared elsewhere`);
  pairs.forth.set(expected, actual);
  compare((actual as () => unknown)(), expected(), pairs, `${path}()`);
}

function compareInside(actual: object, expected: object, pairs: Pairs, path: string): void {
  if (types.isMap(expected)) compareLists([...(actual as Map<unknown, unknown>)].flat(), [...expected].flat(), pairs, `${path} entries`);
  else if (types.isSet(expected)) compareLists([...(actual as Set<unknown>)], [...expected], pairs, `${path} members`);
  else if (types.isDate(expected)) ok(Object.is((actual as Date).getTime(), expected.getTime()), path);
  else if (types.isRegExp(expected)) equal(`${String(actual)} ${(actual as RegExp).lastIndex}`, `${String(expected)} ${expected.lastIndex}`, path);
  else if (types.isBoxedPrimitive(expected)) ok(Object.is(actual.valueOf(), expected.valueOf()), path);
  else if (expected instanceof URL) equal((actual as URL).href, expected.href, path);
  else if (types.isArrayBuffer(expected)) equal(Buffer.compare(Buffer.from(actual as ArrayBuffer), Buffer.from(expected)), 0, path);
  else if (types.isNativeError(expected)) compareError(actual as Error, expected, pairs, path);
  else if (ArrayBuffer.isView(expected)) compareView(actual as ArrayBufferView, expected, pairs, path);
  else if (Array.isArray(expected)) equal((actual as unknown[]).length, expected.length, `${path}.length`);
}

function compareError(actual: Error, expected: Error, pairs: Pairs, path: string): void {
  equal(actual.message, expected.message, `${path}.message`);
  equal(actual.stack, expected.stack, `${path}.stack`);
  equal(Object.hasOwn(actual, "cause"), Object.hasOwn(expected, "cause"), `${path}.cause`);
  compare(actual.cause, expected.cause, pairs, `${path}.cause`);
}

function compareView(actual: ArrayBufferView, expected: ArrayBufferView, pairs: Pairs, path: string): void {
  equal(actual.byteLength, expected.byteLength, `${path}.byteLength`);
  if (Buffer.isBuffer(expected)) return equal(expected.equals(actual as Buffer), true, path);
  equal(actual.byteOffset, expected.byteOffset, `${path}.byteOffset`);
  compare(actual.buffer, expected.buffer, pairs, `${path}.buffer`);
}

function compareLists(actual: readonly unknown[], expected: readonly unknown[], pairs: Pairs, path: string): void {
  equal(actual.length, expected.length, path);
  for (const [index, value] of expected.entries()) compare(actual[index], value, pairs, `${path}[${index}]`);
}

function compareProperties(actual: object, expected: object, pairs: Pairs, path: string): void {
  if (ArrayBuffer.isView(expected)) return;
  equal(keysOf(actual), keysOf(expected), `${path} has other keys`);
  for (const key of Reflect.ownKeys(expected)) {
    if (Object.prototype.propertyIsEnumerable.call(expected, key))
      compare(Reflect.get(actual, key), Reflect.get(expected, key), pairs, `${path}.${String(key)}`);
  }
}

function keysOf(value: object): string {
  return Reflect.ownKeys(value)
    .filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
    .map(String)
    .join("\n");
}
