// Writes values with an inside (lists, plain objects, long strings, Maps, Sets, small buffers) into memory of its own, as
// nobody knows their size before, to be copied from there into a frame.
//
// Most values are trees, which the packer says: no object is met twice in them. Of all others it is noted what has been
// written, so that what is met again comes out once.

import { types } from "node:util";
import { ringMemory, type RingMemory } from "./ring.ts";
import {
  ARRAY,
  BYTES,
  BYTES_CLASSES,
  DATE,
  HEADER_SIZE,
  LARGEST_BYTES,
  MAP,
  MET,
  NULL,
  NUMBER,
  NUMBER_SIZE,
  OBJECT,
  SET,
  padded,
  sizeOfSimple,
  writeNumber,
  writeSimple,
  writeString,
} from "./frame-values.ts";

/** Bytes that are kept from one message to the next. Larger: more memory in each thread. Smaller: large messages ask for it anew more often. */
const KEPT_SIZE = 256 * 1024;
/** UTF-16 units of a string. Longer ones are copied as fast the long way, and without being copied twice. */
const LONGEST_STRING = 32 * 1024;
/** Lists of keys that an object's are compared with, the latest first. More: objects that are all different take longer. */
const SHAPES_COMPARED = 4;
/** Levels of nesting. The packer cuts deeper values into pieces. */
const MAX_DEPTH = 250;

const BYTES_CLASS_NUMBERS: ReadonlyMap<unknown, number> = new Map(
  BYTES_CLASSES.map((name, index) => [(Reflect.get(globalThis, name) as { readonly prototype: object }).prototype, index]),
);

class TreeWriter {
  #memory: RingMemory = ringMemory(new ArrayBuffer(KEPT_SIZE));
  #at = 0;
  #limit = 0;
  /** Where there is no more room: the memory ends, or the limit is reached. */
  #end = 0;
  #depth = 0;
  #shapes: (readonly string[])[] = [];
  /** The objects written so far and the how manieth each was, if some may be met again. */
  #met: Map<object, number> | undefined;

  /**
   * Writes the values, instead of those before, and returns how many bytes they take; -1 if one is none that it knows, or they
   * are more than `limit`. `meetsAgain`: whether objects may be there more than once.
   */
  writeAll(values: readonly unknown[], limit: number, meetsAgain: boolean): number {
    if (this.#memory.bytes.byteLength > KEPT_SIZE) this.#memory = ringMemory(new ArrayBuffer(KEPT_SIZE));
    this.#at = 0;
    this.#limit = limit;
    this.#end = Math.min(limit, KEPT_SIZE);
    this.#depth = 0;
    this.#shapes = [];
    this.#met = meetsAgain ? new Map() : undefined;
    for (let index = 0; index < values.length; index += 1) if (!this.#write(values[index])) return -1;
    return this.#at;
  }

  /** Copies what it has written to where it is to be read from. */
  copyTo({ words }: RingMemory, at: number): void {
    // Not as doubles: their bits may change when they are no number.
    words.set(this.#memory.words.subarray(0, this.#at >> 2), at >> 2);
  }

  /** Whether there is room for so many bytes more. */
  #hasRoom(bytes: number): boolean {
    return this.#at + bytes <= this.#end || this.#grow(this.#at + bytes);
  }

  #grow(needed: number): boolean {
    if (needed > this.#limit) return false;
    const { bytes } = this.#memory;
    const capacity = padded(Math.max(needed, 2 * bytes.byteLength));
    this.#memory = ringMemory(new ArrayBuffer(capacity));
    this.#memory.bytes.set(bytes);
    this.#end = Math.min(this.#limit, capacity);
    return true;
  }

  #write(value: unknown): boolean {
    switch (typeof value) {
      case "number":
        return this.#writeNumber(NUMBER, value);
      case "string":
        return this.#writeString(value);
      case "object":
        return value === null ? this.#writeHeader(NULL, 0) : this.#writeInside(value);
      default:
        return this.#writeOther(value);
    }
  }

  #writeNumber(kind: number, value: number): boolean {
    if (!this.#hasRoom(NUMBER_SIZE)) return false;
    this.#at = writeNumber(this.#memory, this.#at, kind, value);
    return true;
  }

  #writeString(text: string): boolean {
    if (text.length > LONGEST_STRING || !this.#hasRoom(HEADER_SIZE + padded(2 * text.length))) return false;
    this.#at = writeString(this.#memory, this.#at, text);
    return true;
  }

  #writeOther(value: unknown): boolean {
    const size = sizeOfSimple(value);
    if (size < 0 || !this.#hasRoom(size)) return false;
    this.#at = writeSimple(this.#memory, this.#at, value);
    return true;
  }

  #writeInside(value: object): boolean {
    const met = this.#met?.get(value);
    if (met !== undefined) return this.#writeHeader(MET, met);
    this.#met?.set(value, this.#met.size);
    if (this.#depth === MAX_DEPTH) return false;
    this.#depth += 1;
    const isWritten = this.#writeObject(value);
    this.#depth -= 1;
    return isWritten;
  }

  #writeObject(value: object): boolean {
    if (Array.isArray(value)) return this.#writeArray(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#writePlainObject(value);
    if (prototype === Date.prototype) return this.#writeNumber(DATE, (value as Date).getTime());
    if (prototype === Map.prototype) return this.#writeMap(value as Map<unknown, unknown>);
    if (prototype === Set.prototype) return this.#writeSet(value as Set<unknown>);
    const bytesClass = BYTES_CLASS_NUMBERS.get(prototype);
    return bytesClass !== undefined && this.#writeBytes(value as ArrayBuffer | ArrayBufferView, bytesClass);
  }

  /** `length`: or what else the second word says. */
  #writeHeader(kind: number, length: number): boolean {
    if (!this.#hasRoom(HEADER_SIZE)) return false;
    const { words } = this.#memory;
    words[this.#at >> 2] = kind;
    words[(this.#at >> 2) + 1] = length;
    this.#at += HEADER_SIZE;
    return true;
  }

  #writeArray(array: readonly unknown[]): boolean {
    if (!this.#writeHeader(ARRAY, array.length)) return false;
    for (let index = 0; index < array.length; index += 1) if (!this.#write(array[index])) return false;
    return true;
  }

  #writePlainObject(object: object): boolean {
    const keys = Object.keys(object);
    if (!this.#writeShape(keys)) return false;
    for (let index = 0; index < keys.length; index += 1) if (!this.#write((object as Record<string, unknown>)[keys[index] as string])) return false;
    return true;
  }

  /** The keys themselves only once. */
  #writeShape(keys: readonly string[]): boolean {
    const known = this.#shapeLike(keys);
    if (known >= 0) return this.#writeHeader(OBJECT, known);
    // It would set the prototype of what is read.
    if (keys.includes("__proto__") || !this.#writeHeader(OBJECT, this.#shapes.length) || !this.#writeHeader(keys.length, 0)) return false;
    this.#shapes.push(keys);
    return keys.every((key) => this.#write(key));
  }

  #shapeLike(keys: readonly string[]): number {
    const shapes = this.#shapes;
    const last = Math.max(0, shapes.length - SHAPES_COMPARED);
    for (let index = shapes.length - 1; index >= last; index -= 1) if (areSame(shapes[index] as readonly string[], keys)) return index;
    return -1;
  }

  #writeMap(map: ReadonlyMap<unknown, unknown>): boolean {
    if (!this.#writeHeader(MAP, map.size)) return false;
    for (const [key, value] of map) if (!this.#write(key) || !this.#write(value)) return false;
    return true;
  }

  #writeSet(set: ReadonlySet<unknown>): boolean {
    if (!this.#writeHeader(SET, set.size)) return false;
    for (const member of set) if (!this.#write(member)) return false;
    return true;
  }

  /** A view on a part of a buffer would come without the rest. */
  #writeBytes(value: ArrayBuffer | ArrayBufferView, bytesClass: number): boolean {
    const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
    const { byteLength } = value;
    if (byteLength > LARGEST_BYTES || byteLength !== buffer.byteLength || isSpecial(buffer)) return false;
    if (!this.#writeHeader(BYTES, bytesClass) || !this.#writeHeader(byteLength, 0) || !this.#hasRoom(padded(byteLength))) return false;
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

function areSame(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) if (some[index] !== others[index]) return false;
  return true;
}

function isSpecial(buffer: ArrayBufferLike): boolean {
  return types.isSharedArrayBuffer(buffer) || (buffer as { readonly resizable?: boolean }).resizable === true;
}
