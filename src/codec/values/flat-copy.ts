// The short way for what most tasks are given: a few primitives, with at most one array or object of primitives among
// them. Nothing can be shared or circular then, so no walk needs to remember what it has met. Measured: a quarter of
// what the walk costs.

import { types } from "node:util";
import { isShared } from "../share.ts";
import { hasNamedProperties } from "./containers.ts";

/** A copy of a value; undefined if the walk must do it. A list of arguments is the pool's own: what it holds is copied, it itself is not. */
export function copyFlat(value: object, isArgumentList: boolean): object | undefined {
  try {
    return tryFlat(value, isArgumentList);
  } catch {
    // A getter that throws: the walk finds it again and says where it is.
    return undefined;
  }
}

function tryFlat(value: object, isArgumentList: boolean): object | undefined {
  if (types.isProxy(value) || isShared(value)) return undefined;
  if (!Array.isArray(value)) return copyFlatObject(value);
  if (Object.getPrototypeOf(value) !== Array.prototype || (!isArgumentList && hasNamedProperties(value))) return undefined;
  const nested = firstNested(value);
  if (nested >= 0) return copyWithNested(value, nested, isArgumentList);
  return isArgumentList ? value : value.slice();
}

/** The first index of a hole or of an item that is not a primitive; -1 if there is none. */
function firstNested(array: readonly unknown[]): number {
  const length = array.length;
  for (let index = 0; index < length; index += 1) {
    const item = array[index];
    if (!isPrimitive(item) || (item === undefined && !(index in array))) return index;
  }
  return -1;
}

function isPrimitive(value: unknown): boolean {
  const type = typeof value;
  return type === "number" || type === "string" || type === "boolean" || type === "bigint" || value === undefined || value === null;
}

function copyWithNested(array: unknown[], at: number, isArgumentList: boolean): unknown[] | undefined {
  const nested = array[at];
  if (typeof nested !== "object" || nested === null || types.isProxy(nested) || isShared(nested)) return undefined;
  for (let index = at + 1; index < array.length; index += 1) {
    const item = array[index];
    if (!isPrimitive(item) || (item === undefined && !(index in array))) return undefined;
  }
  const copied = Array.isArray(nested) ? copyFlatArray(nested) : copyFlatObject(nested);
  if (copied === undefined) return undefined;
  const copy = isArgumentList ? array : array.slice();
  copy[at] = copied;
  return copy;
}

function copyFlatArray(array: readonly unknown[]): unknown[] | undefined {
  if (Object.getPrototypeOf(array) !== Array.prototype || firstNested(array) >= 0 || hasNamedProperties(array)) return undefined;
  return array.slice();
}

function copyFlatObject(object: object): object | undefined {
  if (Object.getPrototypeOf(object) !== Object.prototype || Object.getOwnPropertySymbols(object).length > 0) return undefined;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const value: unknown = (object as Record<string, unknown>)[key];
    if (!isPrimitive(value) || key === "__proto__") return undefined;
    copy[key] = value;
  }
  return copy;
}
