// Copies arrays, the properties of objects, Maps and Sets. Called by the walk.

import { inspect, types } from "node:util";
import type { Packing } from "./packing.ts";
import { isEverywhere } from "./symbols.ts";

/** From here on asking the printer whether an array has named properties beats listing all keys of it. */
const LONG_ARRAY = 64;

/** Copies own enumerable properties with string keys, getters read, and those under symbols that every thread has. */
export function copyProperties(packing: Packing, from: object, to: object): object {
  const keys = Object.keys(from);
  for (let index = 0; index < keys.length; index += 1) copyProperty(packing, from, to, keys[index] as string);
  copySymbolKeys(packing, from, to);
  return to;
}

export function copyProperty(packing: Packing, from: object, to: object, key: string): void {
  const copy = packing.copyAt(key, read(packing, from, key), to, key);
  // An own `__proto__` (JSON.parse makes them) must not become the prototype.
  if (key === "__proto__") Object.defineProperty(to, key, { value: copy, enumerable: true, configurable: true, writable: true });
  else (to as Record<string, unknown>)[key] = copy;
}

function read(packing: Packing, from: object, key: string | number | symbol): unknown {
  try {
    return (from as Record<string | number | symbol, unknown>)[key];
  } catch (cause) {
    return packing.refuse({ what: "has a getter that throws", mend: "send a plain copy without it", cause }, key);
  }
}

/** Symbols of this thread alone are left out, as structured clone leaves out all. */
function copySymbolKeys(packing: Packing, from: object, to: object): void {
  const symbols = Object.getOwnPropertySymbols(from);
  for (const symbol of symbols) {
    if (!isEverywhere(symbol) || !Object.prototype.propertyIsEnumerable.call(from, symbol)) continue;
    const step: [type: "symbolKey", target: unknown, symbol: unknown, value: unknown] = ["symbolKey", to, undefined, undefined];
    step[2] = packing.copy(symbol, step, 2);
    step[3] = packing.copyAt(symbol, read(packing, from, symbol), step, 3);
    packing.emit(step);
  }
}

/** Copies an array: its items, its holes, its named properties, and the class if it has one of its own. */
export function copyArray(packing: Packing, from: readonly unknown[], prototype: object | null): unknown[] {
  packing.grow(8 * from.length);
  const to: unknown[] = copyPrimitives(packing, from, prototype) ?? copyItems(packing, from);
  if (prototype !== Array.prototype) packing.givePrototype(to, prototype, "Array");
  return to;
}

/** Ten times as fast as item by item. Undefined if not all are primitives, or there are holes or named properties. */
function copyPrimitives(packing: Packing, from: readonly unknown[], prototype: object | null): unknown[] | undefined {
  if (prototype !== Array.prototype) return undefined;
  let textSize: number | undefined;
  try {
    textSize = textSizeOfPrimitives(from);
  } catch {
    // A getter that throws: reading item by item says where it is.
  }
  if (textSize === undefined || mayHaveNamedProperties(packing, from)) return undefined;
  packing.grow(textSize);
  return packing.remember(from, from.slice());
}

/** Characters in all texts; undefined if there is a hole or anything but primitives. */
function textSizeOfPrimitives(from: readonly unknown[]): number | undefined {
  let textSize = 0;
  for (let index = 0; index < from.length; index += 1) {
    const item = from[index];
    if (typeof item === "number") continue;
    if (typeof item === "string") textSize += item.length;
    else if ((typeof item === "object" && item !== null) || typeof item === "function" || typeof item === "symbol" || (item === undefined && !(index in from)))
      return undefined;
  }
  return textSize;
}

function copyItems(packing: Packing, from: readonly unknown[]): unknown[] {
  const to: unknown[] = packing.remember(from, []);
  if (!copyDenseItems(packing, from, to)) copySparseItems(packing, from, to);
  return to;
}

/** False at the first hole: what follows is then copied by its keys, as there may be a billion holes. */
function copyDenseItems(packing: Packing, from: readonly unknown[], to: unknown[]): boolean {
  const length = from.length;
  for (let index = 0; index < length; index += 1) {
    const item = read(packing, from, index);
    if (item === undefined && !(index in from)) return false;
    to.push(packing.copyAt(index, item, to, index));
  }
  return !mayHaveNamedProperties(packing, from);
}

function mayHaveNamedProperties(packing: Packing, array: readonly unknown[]): boolean {
  // The list of arguments is an array that we made, or that the callee gets spread.
  return !(packing.isAtRoot && packing.root === "args") && hasNamedProperties(array);
}

/** Whether an array without holes has own enumerable properties beside its items. */
export function hasNamedProperties(array: readonly unknown[]): boolean {
  if (array.length < LONG_ARRAY) return Object.keys(array).length !== array.length;
  // Listing the keys of a long array costs as much as copying it ten times; its printed form without items costs 1 µs,
  // whatever its length, and has nothing else in it only if the array has nothing else.
  return !/^\[ \.\.\. \d+ more items \]$/.test(
    inspect(array, { maxArrayLength: 0, depth: 0, customInspect: false, colors: false, compact: 3, breakLength: Infinity }),
  );
}

function copySparseItems(packing: Packing, from: readonly unknown[], to: unknown[]): void {
  packing.hasOddList();
  const copied = to.length;
  to.length = from.length;
  for (const key of Object.keys(from)) {
    const index = Number(key);
    if (index < copied) continue;
    const at = String(index) === key ? index : key;
    const copy = packing.copyAt(at, read(packing, from, key), to, at);
    Object.defineProperty(to, key, { value: copy, enumerable: true, configurable: true, writable: true });
  }
}

/** Copies a Map. One that holds what only the receiver can make crosses empty and is filled there. */
export function copyMap(packing: Packing, from: ReadonlyMap<unknown, unknown>): Map<unknown, unknown> {
  const to = packing.remember(from, new Map<unknown, unknown>());
  const entries: unknown[] = [];
  const steps = packing.stepCount;
  let position = 0;
  for (const [key, value] of entriesOf(from)) {
    entries.push(packing.copyAt({ mapKey: position }, key, entries, entries.length));
    entries.push(packing.copyAt({ mapValueOf: key }, value, entries, entries.length));
    position += 1;
  }
  packing.grow(8 * entries.length);
  if (packing.stepCount !== steps) packing.emitLast(["map", to, entries]);
  else for (let index = 0; index < entries.length; index += 2) to.set(entries[index], entries[index + 1]);
  return to;
}

/** As {@link copyMap}. */
export function copySet(packing: Packing, from: ReadonlySet<unknown>): Set<unknown> {
  const to = packing.remember(from, new Set<unknown>());
  const members: unknown[] = [];
  const steps = packing.stepCount;
  for (const member of membersOf(from)) members.push(packing.copyAt({ setMember: members.length }, member, members, members.length));
  packing.grow(8 * members.length);
  if (packing.stepCount !== steps) packing.emitLast(["set", to, members]);
  else for (const member of members) to.add(member);
  return to;
}

// A subclass may have overridden how it is iterated: what counts is what it holds.
function entriesOf(map: ReadonlyMap<unknown, unknown>): IterableIterator<[unknown, unknown]> {
  return Map.prototype.entries.call(map);
}

function membersOf(set: ReadonlySet<unknown>): IterableIterator<unknown> {
  return Set.prototype.values.call(set);
}

/** Whether an object that structured clone carries by its contents has properties beside. */
export function hasOwnProperties(value: object): boolean {
  return !types.isProxy(value) && Object.keys(value).length > 0;
}
