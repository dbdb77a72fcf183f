// The short way for what most tasks are given: primitives, and lists, plain objects, dates and small buffers of them, none
// met twice. A quarter to half of what the walk costs, as nothing needs to be said of what it finds.

import { types } from "node:util";
import { isShared } from "../share.ts";
import { hasNamedProperties } from "./containers.ts";
import { viewClassOf, type ViewClass } from "./view-classes.ts";

/** What is found is more than such a tree: the walk must do it. */
const NO_TREE: unique symbol = Symbol("no tree");

/** Up to here a linear search beats a Set. */
const LINEAR_LIMIT = 16;
/** Bytes of a buffer. Larger ones have ways of their own. */
const LARGEST_BUFFER = 4096;
/** Levels of nesting. Deeper values are for the walk, which cuts them into pieces. */
const MAX_DEPTH = 100;

/** It is better written as bytes, if it is a tree at all. */
export const LARGE_TREE: unique symbol = Symbol("large tree");

/** Values from which on that is so. Fewer: what it takes beside the bytes themselves is more than is gained. More: more is copied in vain before it is known. */
const LARGE = 2000;

/**
 * A copy of a value; undefined if the walk must do it. A list of arguments is the pool's own: what it holds is copied.
 * `stopsWhenLarge`: whether to give up what turns out to be large.
 */
export function copyTree(value: object, isArgumentList: boolean, stopsWhenLarge: boolean): object | typeof LARGE_TREE | undefined {
  try {
    const list = isArgumentList && Array.isArray(value) ? value : undefined;
    const nested = list === undefined ? 0 : firstNested(list);
    // Of the list itself only the items arrive, and most have nothing to copy.
    if (nested < 0) return list;
    const copying = new TreeCopy(stopsWhenLarge ? LARGE : Number.POSITIVE_INFINITY);
    const copy = list === undefined ? copying.copyObject(value) : copying.copyItems(list, nested);
    if (copying.isTooLarge) return LARGE_TREE;
    return copy === NO_TREE ? undefined : copy;
  } catch {
    // A getter that throws: the walk finds it again and says where it is.
    return undefined;
  }
}

class TreeCopy {
  readonly #met: object[] = [];
  #index: Set<object> | undefined;
  #depth = 0;
  /** Values that there may be yet. */
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  get isTooLarge(): boolean {
    return this.#left < 0;
  }

  #giveUp(): typeof NO_TREE {
    this.#left = -1;
    return NO_TREE;
  }

  #copy(value: unknown): unknown {
    if (typeof value === "object" && value !== null) return this.copyObject(value);
    return typeof value === "function" || typeof value === "symbol" ? NO_TREE : value;
  }

  copyObject(value: object): object | typeof NO_TREE {
    if (this.#depth === MAX_DEPTH || types.isProxy(value) || isShared(value) || this.#hasMet(value)) return NO_TREE;
    this.#depth += 1;
    const copy = this.#copyNew(value);
    this.#depth -= 1;
    return copy;
  }

  #hasMet(value: object): boolean {
    if (this.#index === undefined && this.#met.length === LINEAR_LIMIT) this.#index = new Set(this.#met);
    if (this.#index === undefined ? this.#met.includes(value) : this.#index.has(value)) return true;
    if (this.#index === undefined) this.#met.push(value);
    else this.#index.add(value);
    return false;
  }

  #copyNew(value: object): object | typeof NO_TREE {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#copyPlainObject(value);
    if (prototype === Array.prototype && Array.isArray(value)) return this.#copyArray(value);
    if (prototype === Date.prototype && types.isDate(value) && Reflect.ownKeys(value).length === 0) return new Date(Date.prototype.getTime.call(value));
    const View = viewClassOf(prototype);
    if (View !== undefined && ArrayBuffer.isView(value)) return this.#copyView(value, View);
    return this.#left < membersOf(value) ? this.#giveUp() : NO_TREE;
  }

  /** A view on the whole of a buffer that no other is on. */
  #copyView(view: ArrayBufferView, View: ViewClass): object | typeof NO_TREE {
    const { buffer, byteLength } = view;
    if (byteLength > LARGEST_BUFFER || byteLength !== buffer.byteLength || !isPlainBuffer(buffer) || this.#hasMet(buffer)) return NO_TREE;
    // Ten times as fast as by the buffer, which takes memory outside of the heap.
    return new View((View as unknown) === DataView ? buffer.slice(0) : (view as unknown as ArrayBuffer));
  }

  #copyArray(array: readonly unknown[]): unknown[] | typeof NO_TREE {
    this.#left -= array.length;
    if (this.#left < 0) return NO_TREE;
    const nested = firstNested(array);
    const copy = nested < 0 ? array.slice() : this.copyItems(array, nested);
    return copy === NO_TREE || hasNamedProperties(array) ? NO_TREE : copy;
  }

  /** `nested`: the first item that is not a primitive. */
  copyItems(array: readonly unknown[], nested: number): unknown[] | typeof NO_TREE {
    if (this.#left < (array.length - nested) * valuesIn(array[nested])) return this.#giveUp();
    // Before: V8 looks for each of what may be a billion holes when it copies an array.
    if (hasHole(array, nested)) return NO_TREE;
    const copy = array.slice();
    for (let index = nested; index < copy.length; index += 1) {
      const item = this.#copy(array[index]);
      // A getter may have made another one.
      if (item === NO_TREE || (item === undefined && !(index in array))) return NO_TREE;
      copy[index] = item;
    }
    return copy;
  }

  #copyPlainObject(object: object): object | typeof NO_TREE {
    if (Object.getOwnPropertySymbols(object).length > 0) return NO_TREE;
    // At once, as that keeps its shape: key by key takes twice as long. Getters are read here.
    const copy: Record<string, unknown> = { ...object };
    const keys = Object.keys(copy);
    this.#left -= keys.length;
    if (this.#left < 0) return NO_TREE;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string;
      const value = copy[key];
      if (typeof value === "object" || typeof value === "function" || typeof value === "symbol" || key === "__proto__") {
        const item = key === "__proto__" ? NO_TREE : this.#copy(value);
        if (item === NO_TREE) return NO_TREE;
        copy[key] = item;
      }
    }
    return copy;
  }
}

/** Of a Map or a Set, which only the walk copies, but which can be written as bytes. */
function membersOf(value: object): number {
  return types.isMap(value) || types.isSet(value) ? value.size : 0;
}

/** Most lists are of what is like the first. */
function valuesIn(item: unknown): number {
  if (typeof item !== "object" || item === null || types.isProxy(item)) return 1;
  if (Array.isArray(item)) return 1 + item.length;
  // Not of a typed array, which has as many keys as numbers.
  return Object.getPrototypeOf(item) === Object.prototype ? 1 + Object.keys(item).length : 1;
}

function isPlainBuffer(buffer: ArrayBufferLike): buffer is ArrayBuffer {
  return types.isArrayBuffer(buffer) && (buffer as { readonly resizable?: boolean }).resizable !== true;
}

/** The first index of a hole or of an item that is not a primitive; -1 if there is none. */
function firstNested(array: readonly unknown[]): number {
  const { length } = array;
  for (let index = 0; index < length; index += 1) {
    const item = array[index];
    if (!isPrimitive(item) || (item === undefined && !(index in array))) return index;
  }
  return -1;
}

function hasHole(array: readonly unknown[], from: number): boolean {
  const { length } = array;
  for (let index = from; index < length; index += 1) if (array[index] === undefined && !(index in array)) return true;
  return false;
}

function isPrimitive(value: unknown): boolean {
  const type = typeof value;
  return type === "number" || type === "string" || type === "boolean" || type === "bigint" || value === undefined || value === null;
}
