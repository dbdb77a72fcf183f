// Writes values with an inside (lists, plain objects, long strings, Maps, Sets, small buffers) into memory of its own, as
// nobody knows their size before, to be copied from there to where they are read.
//
// Most values are trees, which the packer says: no object is met twice in them. Of all others it is noted what has been
// written, so that what is met again comes out once. Values that nobody has packed are looked at while they are written.

import { types } from "node:util";
import { isShared } from "../share.ts";
import { hasNamedProperties } from "../values/containers.ts";
import { areSame, DistinctObjects, type DistinctRun } from "./distinct-objects.ts";
import { frameMemory, type FrameMemory } from "./memory.ts";
import { recordCode, type RecordCode, type RecordSink } from "./record-code.ts";
import {
  ARRAY,
  BYTES,
  BYTES_CLASSES,
  DATE,
  LARGEST_BYTES,
  MAP,
  MET,
  NULL,
  NUMBERS,
  OBJECT,
  RECORDS,
  SET,
  SLOT,
  padded,
  sizeOfSimple,
  writeHeader,
  writeNumber,
  writeSimple,
  writeString,
} from "./slots.ts";

/** Bytes that are kept from one message to the next. Larger: more memory in each thread. Smaller: large messages ask for it anew more often. */
const KEPT_SIZE = 256 * 1024;
/** UTF-16 units of a string. Longer ones are copied as fast the long way, and without being copied twice. */
const LONGEST_STRING = 32 * 1024;
/** The same, within values that are large themselves. */
const LONGEST_UNSEEN_STRING = 4 * 1024 * 1024;
/** Lists of keys that an object's are compared with, the latest first. More: objects that are all different take longer. */
const SHAPES_COMPARED = 4;
/** Levels of nesting. The packer cuts deeper values into pieces. */
const MAX_DEPTH = 250;
/** Items of a list that are worth the look whether they are records of one kind: fewer than that many are written as quickly one by one. */
const FEWEST_RECORDS = 32;
/** Numbers that are written in one go. More: more room is asked for that a list may turn out not to need. */
const MOST_NUMBERS = 4096;
/** Bytes that are written by hand at most. Where things lie is computed with 32 bits. */
export const LARGEST_TREE: number = 1024 * 1024 * 1024;

const BYTES_CLASS_NUMBERS: ReadonlyMap<unknown, number> = new Map(
  BYTES_CLASSES.map((name, index) => [(Reflect.get(globalThis, name) as { readonly prototype: object }).prototype, index]),
);

/** What is known of values. */
type Trust =
  /** Packed, and no object is there twice. */
  | "tree"
  /** Packed, and objects may be there again. */
  | "graph"
  /** As the user has made them: what is no tree of data is refused. */
  | "unseen";

export class TreeWriter implements RecordSink {
  #memory: FrameMemory = frameMemory(new ArrayBuffer(KEPT_SIZE));
  #at = 0;
  #limit = 0;
  /** Where there is no more room: the memory ends, or the limit is reached. */
  #end = 0;
  #depth = 0;
  #shapes: (readonly string[])[] = [];
  /** The objects written so far and the how manieth each was, if some may be met again. */
  #met: Map<object, number> | undefined;
  /** What has been written of a value that nobody has packed. */
  #seen: DistinctObjects | undefined;
  /** The records that are being written of such a value. */
  #run: DistinctRun | undefined;
  #longestString = LONGEST_STRING;

  /**
   * Writes the values, instead of those before, and returns how many bytes they take; -1 if one is none that it knows, or they
   * are more than `limit`.
   */
  writeAll(values: readonly unknown[], limit: number, trust: Trust): number {
    this.forget();
    this.#at = 0;
    this.#limit = limit;
    this.#end = Math.min(limit, KEPT_SIZE);
    this.#depth = 0;
    this.#shapes = [];
    this.#met = trust === "graph" ? new Map() : undefined;
    this.#seen = trust === "unseen" ? new DistinctObjects() : undefined;
    this.#longestString = trust === "unseen" ? LONGEST_UNSEEN_STRING : LONGEST_STRING;
    for (let index = 0; index < values.length; index += 1) if (!this.put(values[index])) return -1;
    return this.#at;
  }

  /** What has been written. Only until something else is. */
  get bytes(): Uint8Array {
    return this.#memory.bytes.subarray(0, this.#at);
  }

  /** What has been written is not needed any more. */
  forget(): void {
    if (this.#memory.bytes.byteLength > KEPT_SIZE) this.#memory = frameMemory(new ArrayBuffer(KEPT_SIZE));
    this.#seen = undefined;
    this.#run = undefined;
    this.#met = undefined;
  }

  /** Copies what it has written to where it is to be read from, and forgets it. */
  copyTo({ words }: FrameMemory, at: number): void {
    // Not as doubles: their bits may change when they are no number.
    words.set(this.#memory.words.subarray(0, this.#at >> 2), at >> 2);
    this.forget();
  }

  /** Whether there is room for so many bytes more. */
  #hasRoom(bytes: number): boolean {
    return this.#at + bytes <= this.#end || this.#grow(this.#at + bytes);
  }

  #grow(needed: number): boolean {
    if (needed > this.#limit) return false;
    const { bytes } = this.#memory;
    const capacity = padded(Math.max(needed, Math.min(2 * bytes.byteLength, LARGEST_TREE)));
    this.#memory = frameMemory(new ArrayBuffer(capacity));
    this.#memory.bytes.set(bytes.subarray(0, this.#at));
    this.#end = Math.min(this.#limit, capacity);
    return true;
  }

  put(value: unknown): boolean {
    switch (typeof value) {
      case "number":
        return this.#putNumber(value);
      case "string":
        return this.#putString(value);
      case "object":
        return value === null ? this.#putHeader(NULL, 0) : this.#putInside(value);
      default:
        return this.#putOther(value);
    }
  }

  #putNumber(value: number): boolean {
    if (!this.#hasRoom(SLOT)) return false;
    this.#at = writeNumber(this.#memory, this.#at, value);
    return true;
  }

  #putString(text: string): boolean {
    if (text.length > this.#longestString || !this.#hasRoom(SLOT + padded(2 * text.length))) return false;
    this.#at = writeString(this.#memory, this.#at, text);
    return true;
  }

  #putOther(value: unknown): boolean {
    const size = sizeOfSimple(value);
    if (size < 0 || !this.#hasRoom(size)) return false;
    this.#at = writeSimple(this.#memory, this.#at, value);
    return true;
  }

  #putHeader(kind: number, length: number): boolean {
    if (!this.#hasRoom(SLOT)) return false;
    this.#at = writeHeader(this.#memory, this.#at, kind, length);
    return true;
  }

  #putInside(value: object): boolean {
    const met = this.#met?.get(value);
    if (met !== undefined) return this.#putHeader(MET, met);
    this.#met?.set(value, this.#met.size);
    if (this.#depth === MAX_DEPTH || (this.#seen !== undefined && !isReadable(value))) return false;
    this.#depth += 1;
    const isWritten = this.#putObject(value);
    this.#depth -= 1;
    return isWritten;
  }

  #putObject(value: object): boolean {
    const isArray = Array.isArray(value);
    const prototype: unknown = isArray ? Array.prototype : Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#putPlainObject(value);
    if (this.#seen !== undefined && !(isWhatItSeems(value) && this.#seen.add(value))) return false;
    if (isArray) return this.#putArray(value) && (this.#seen === undefined || !hasNamedProperties(value));
    if (prototype === Date.prototype) return this.#putHeader(DATE, 0) && this.#putNumber((value as Date).getTime());
    if (prototype === Map.prototype) return this.#putMap(value as Map<unknown, unknown>);
    if (prototype === Set.prototype) return this.#putSet(value as Set<unknown>);
    const bytesClass = BYTES_CLASS_NUMBERS.get(prototype);
    return bytesClass !== undefined && this.#putBytes(value as ArrayBuffer | ArrayBufferView, bytesClass);
  }

  #putArray(array: readonly unknown[]): boolean {
    const { length } = array;
    if (!this.#putHeader(ARRAY, length)) return false;
    for (let index = 0; index < length; ) {
      const next = this.#putItems(array, index, length);
      if (next < 0) return false;
      index = next;
    }
    return true;
  }

  /** At least one. Returns where the rest begins; -1 if some cannot be written. */
  #putItems(array: readonly unknown[], index: number, length: number): number {
    const item = array[index];
    if (typeof item === "number" && index + 1 < length && typeof array[index + 1] === "number") return this.#putNumbers(array, index, length);
    if (typeof item === "object" && item !== null && length - index >= FEWEST_RECORDS && this.#met === undefined) {
      const next = this.#putRecords(array, index, length, item);
      if (next !== index) return next;
    }
    // A hole is no value.
    if (item === undefined && this.#seen !== undefined && !(index in array)) return -1;
    return this.put(item) ? index + 1 : -1;
  }

  #putNumbers(array: readonly unknown[], from: number, length: number): number {
    const header = this.#at;
    const to = Math.min(length, from + MOST_NUMBERS);
    if (!this.#hasRoom(SLOT + (to - from) * SLOT)) return -1;
    const { doubles } = this.#memory;
    let at = (header + SLOT) >> 3;
    let index = from;
    for (; index < to; index += 1, at += 1) {
      const item = array[index];
      if (typeof item !== "number") break;
      doubles[at] = item;
    }
    // A getter has given something else the second time.
    if (index === from) return -1;
    writeHeader(this.#memory, header, NUMBERS, index - from);
    this.#at = at << 3;
    return index;
  }

  /** Those of one kind. Returns `from` if it is not worth it. */
  #putRecords(array: readonly unknown[], from: number, length: number, first: object): number {
    const second = array[from + 1];
    if (!this.#isPlain(first) || typeof second !== "object" || second === null || !this.#isPlain(second)) return from;
    const keys = Object.keys(first);
    const code = areSame(keys, Object.keys(second)) ? recordCode(keys) : undefined;
    if (code === undefined) return from;
    if (this.#depth === MAX_DEPTH || !this.#putShape(RECORDS, keys) || !this.#hasRoom(SLOT)) return -1;
    const countAt = this.#at;
    this.#at += SLOT;
    const next = this.#putAll(code, array, from, length, keys);
    if (next <= from) return -1;
    writeNumber(this.#memory, countAt, next - from);
    return next;
  }

  #putAll(code: RecordCode, array: readonly unknown[], from: number, length: number, keys: readonly string[]): number {
    const outer = this.#run;
    const run = this.#seen?.begin(array, from, keys);
    if (this.#seen !== undefined && run === undefined) return -1;
    this.#run = run;
    this.#depth += 1;
    const next = code.write(this, array, from, length, keys);
    this.#depth -= 1;
    this.#run = outer;
    return next;
  }

  isRecord(item: unknown, keys: readonly string[]): boolean {
    if (typeof item !== "object" || item === null || !this.#isPlain(item) || !areSame(keys, Object.keys(item))) return false;
    return this.#seen === undefined || hasNoSymbols(item);
  }

  isNew(record: object, first: unknown, index: number): boolean {
    return this.#run === undefined || this.#run.add(record, first, index);
  }

  #isPlain(object: object): boolean {
    return (this.#seen === undefined || isReadable(object)) && Object.getPrototypeOf(object) === Object.prototype;
  }

  #putPlainObject(object: object): boolean {
    const keys = Object.keys(object);
    if (this.#seen !== undefined && !(hasNoSymbols(object) && this.#seen.addPlain(object, keys))) return false;
    if (!this.#putShape(OBJECT, keys)) return false;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string;
      const value = (object as Record<string, unknown>)[key];
      // A getter may have taken away another property.
      if ((value === undefined && !Object.hasOwn(object, key)) || !this.put(value)) return false;
    }
    return true;
  }

  /** The keys themselves only once. */
  #putShape(kind: number, keys: readonly string[]): boolean {
    const known = this.#shapeLike(keys);
    if (known >= 0) return this.#putHeader(kind, known);
    // It would set the prototype of what is read.
    if (keys.includes("__proto__") || !this.#putHeader(kind, this.#shapes.length) || !this.#putNumber(keys.length)) return false;
    this.#shapes.push(keys);
    return keys.every((key) => this.#putString(key));
  }

  #shapeLike(keys: readonly string[]): number {
    const shapes = this.#shapes;
    const last = Math.max(0, shapes.length - SHAPES_COMPARED);
    for (let index = shapes.length - 1; index >= last; index -= 1) if (areSame(shapes[index] as readonly string[], keys)) return index;
    return -1;
  }

  #putMap(map: ReadonlyMap<unknown, unknown>): boolean {
    const { size } = map;
    if (!this.#putHeader(MAP, size)) return false;
    let count = 0;
    for (const [key, value] of map) {
      count += 1;
      if (!this.put(key) || !this.put(value)) return false;
    }
    // A getter may have added to it.
    return count === size;
  }

  #putSet(set: ReadonlySet<unknown>): boolean {
    const { size } = set;
    if (!this.#putHeader(SET, size)) return false;
    let count = 0;
    for (const member of set) {
      count += 1;
      if (!this.put(member)) return false;
    }
    return count === size;
  }

  /** A view on a part of a buffer would come without the rest. */
  #putBytes(value: ArrayBuffer | ArrayBufferView, bytesClass: number): boolean {
    const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
    const { byteLength } = value;
    if (byteLength > LARGEST_BYTES || byteLength !== buffer.byteLength || isSpecial(buffer)) return false;
    if (this.#seen !== undefined && buffer !== value && !this.#seen.add(buffer)) return false;
    if (!this.#putHeader(BYTES, bytesClass) || !this.#putNumber(byteLength) || !this.#hasRoom(padded(byteLength))) return false;
    this.#memory.bytes.set(new Uint8Array(buffer), this.#at);
    this.#at += padded(byteLength);
    return true;
  }
}

let writer: TreeWriter | undefined;

/** One for each thread. What it has written must be copied before anything else is. */
export function treeWriter(): TreeWriter {
  return (writer ??= new TreeWriter());
}

function isSpecial(buffer: ArrayBufferLike): boolean {
  return types.isSharedArrayBuffer(buffer) || (buffer as { readonly resizable?: boolean }).resizable === true;
}

/** Reading it runs no code but its own getters, and it is not to be sent once only. */
function isReadable(object: object): boolean {
  return !types.isProxy(object) && !isShared(object);
}

function hasNoSymbols(object: object): boolean {
  return Object.getOwnPropertySymbols(object).length === 0;
}

/** Whether it has been made by the constructor whose prototype it has, and nobody has added to it. */
function isWhatItSeems(value: object): boolean {
  // Its named properties are looked for when its items have been read: of a list with holes that takes long.
  if (Array.isArray(value)) return Object.getPrototypeOf(value) === Array.prototype;
  if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) return true;
  return (types.isDate(value) || types.isMap(value) || types.isSet(value)) && Reflect.ownKeys(value).length === 0;
}
