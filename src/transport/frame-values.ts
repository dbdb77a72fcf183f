// How a value lies in a frame: a word that says what it is, one for its length or class, and what is in it. Written here
// as far as its size is known at once; what has an inside is written by the tree writer. Everything is read here.
//
// Each value begins at a multiple of 8. By hand, as structured clone takes ten times as long for a few numbers, and twice
// as long for a list of records.

import { VIEW_CLASS_NAMES, viewClassNamed } from "../codec/values/view-classes.ts";
import type { RingMemory, TextBytes } from "./ring.ts";

export const UNDEFINED = 0;
export const NULL = 1;
export const FALSE = 2;
export const TRUE = 3;
export const NUMBER = 4;
/** Two bytes for each UTF-16 unit. */
export const UNITS = 5;
/** One byte for each: none is above 255. */
export const LATIN = 6;
export const BIGINT = 7;
export const DATE = 8;
export const ARRAY = 9;
export const OBJECT = 10;
export const MAP = 11;
export const SET = 12;
export const BYTES = 13;
/** An object that has been there before; instead of a length, the how manieth it was. */
export const MET = 14;

/** What each value takes at least: a word for what it is and one for its length. */
export const HEADER_SIZE = 8;
export const NUMBER_SIZE: number = HEADER_SIZE + 8;

/** UTF-16 units of the longest string that is written where there is room for two bytes each: longer ones have their size found out first. */
const LONGEST_STRING = 64;
/** Up to here a loop beats calling into Node: for writing, and for reading. */
const SHORT_TO_WRITE = 24;
const SHORT_TO_READ = 5;
/** Bytes that one more character may take in UTF-8. */
const LONGEST_CHARACTER = 4;
/** Bytes of a buffer. Longer ones are carried as fast the long way, or lie in memory that both sides see. */
export const LARGEST_BYTES = 4096;
/** Of a bigint: any larger is rare. */
const LARGEST_BIGINT = 2n ** 64n;

/** Classes of bytes, by number. Each is a whole buffer. */
export const BYTES_CLASSES: readonly string[] = ["ArrayBuffer", ...VIEW_CLASS_NAMES];

/** The next multiple of 8. */
export function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** Bytes that a value takes at most; -1 if that is not known at once. */
export function sizeOfSimple(value: unknown): number {
  switch (typeof value) {
    case "number":
      return NUMBER_SIZE;
    case "string":
      return value.length > LONGEST_STRING ? -1 : HEADER_SIZE + padded(2 * value.length);
    case "boolean":
    case "undefined":
      return HEADER_SIZE;
    case "bigint":
      return value < LARGEST_BIGINT && value > -LARGEST_BIGINT ? HEADER_SIZE + padded(2 * String(value).length) : -1;
    default:
      return value === null ? HEADER_SIZE : -1;
  }
}

/** Writes a value whose size is known. Returns where the next one begins. */
export function writeSimple(memory: RingMemory, at: number, value: unknown): number {
  if (typeof value === "number") return writeNumber(memory, at, NUMBER, value);
  if (typeof value === "string") return writeString(memory, at, value);
  if (typeof value === "bigint") return writeUnits(memory, at, BIGINT, String(value));
  memory.words[at >> 2] = value === undefined ? UNDEFINED : value === null ? NULL : value === true ? TRUE : FALSE;
  return at + HEADER_SIZE;
}

export function writeNumber(memory: RingMemory, at: number, kind: number, value: number): number {
  memory.words[at >> 2] = kind;
  memory.doubles[(at + HEADER_SIZE) >> 3] = value;
  return at + NUMBER_SIZE;
}

/** There must be room for two bytes a unit. */
export function writeString(memory: RingMemory, at: number, text: string): number {
  const { length } = text;
  const isLatin = length <= SHORT_TO_WRITE ? writeLatin(memory, at, text) : writeAscii(memory, at, text);
  if (!isLatin && length <= SHORT_TO_WRITE) return writeUnits(memory, at, UNITS, text);
  if (!isLatin) memory.bytes.write(text, at + HEADER_SIZE, 2 * length, "utf16le");
  memory.words[at >> 2] = isLatin ? LATIN : UNITS;
  memory.words[(at >> 2) + 1] = length;
  return at + HEADER_SIZE + padded(isLatin ? length : 2 * length);
}

/** Whether a byte for each unit has been enough. */
function writeLatin({ bytes }: RingMemory, at: number, text: string): boolean {
  const first = at + HEADER_SIZE;
  let all = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    all |= unit;
    bytes[first + index] = unit;
  }
  return all < 256;
}

/** Whether it is ASCII: with room for a character more than there are units, only that is as long in bytes as in units. */
function writeAscii({ bytes }: RingMemory, at: number, text: string): boolean {
  return bytes.write(text, at + HEADER_SIZE, text.length + LONGEST_CHARACTER, "utf8") === text.length;
}

function writeUnits(memory: RingMemory, at: number, kind: number, text: string): number {
  memory.words[at >> 2] = kind;
  memory.words[(at >> 2) + 1] = text.length;
  const first = (at + HEADER_SIZE) >> 1;
  for (let index = 0; index < text.length; index += 1) memory.units[first + index] = text.charCodeAt(index);
  return at + HEADER_SIZE + padded(2 * text.length);
}

/**
 * The same number, as V8 keeps small integers: what is read as a double stays one for whoever computes with it, and a
 * remainder of doubles takes ten times as long as one of integers.
 */
function asSmallInteger(value: number): number {
  const integer = value | 0;
  return integer === value && (integer !== 0 || 1 / value > 0) ? integer : value;
}

/** Reads values that lie one after another. What it makes runs no code of the user's. */
export class ValueReader {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: TextBytes;
  /** Where the next one begins. */
  #at: number;
  /** Lists of keys that objects have had so far. */
  #shapes: string[][] | undefined = undefined;
  /** All objects so far, if some may be met again. */
  readonly #objects: object[] | undefined;

  /** `meetsAgain`: whether objects may be there more than once. */
  constructor(memory: RingMemory, at: number, meetsAgain = false) {
    this.#words = memory.words;
    this.#doubles = memory.doubles;
    this.#bytes = memory.bytes;
    this.#at = at;
    this.#objects = meetsAgain ? [] : undefined;
  }

  readAll(count: number): unknown[] {
    const values: unknown[] = [];
    for (let index = 0; index < count; index += 1) values.push(this.#words[this.#at >> 2] === NUMBER ? this.#readNumber() : this.#read());
    return values;
  }

  #readNumber(): number {
    const at = this.#at + HEADER_SIZE;
    this.#at += NUMBER_SIZE;
    return asSmallInteger(this.#doubles[at >> 3] as number);
  }

  #read(): unknown {
    const at = this.#at;
    const kind = this.#words[at >> 2];
    if (kind === NUMBER) return this.#readNumber();
    const length = this.#words[(at >> 2) + 1] as number;
    this.#at = at + HEADER_SIZE;
    switch (kind) {
      case UNDEFINED:
        return undefined;
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case DATE:
        this.#at = at;
        return this.#note(new Date(this.#readNumber()));
      case UNITS:
        return this.#readUnits(length);
      case LATIN:
        return this.#readLatin(length);
      case BIGINT:
        return BigInt(this.#readUnits(length));
      case ARRAY:
        return this.#readItems(this.#note([]), length);
      case OBJECT:
        return this.#readObject(length);
      case MAP:
        return this.#readMap(length);
      case SET:
        return this.#readSet(length);
      case MET:
        return this.#objects?.[length];
      default:
        return this.#note(this.#readBytes(BYTES_CLASSES[length] as string));
    }
  }

  /** Before its inside is read, which may lead back to it. */
  #note<T extends object>(object: T): T {
    this.#objects?.push(object);
    return object;
  }

  #readUnits(length: number): string {
    const from = this.#at;
    this.#at = from + padded(2 * length);
    return this.#bytes.toString("utf16le", from, from + 2 * length);
  }

  #readLatin(length: number): string {
    const bytes = this.#bytes;
    const from = this.#at;
    this.#at = from + padded(length);
    if (length > SHORT_TO_READ) return bytes.toString("latin1", from, from + length);
    let text = "";
    for (let index = 0; index < length; index += 1) text += String.fromCharCode(bytes[from + index] as number);
    return text;
  }

  #readItems(array: unknown[], length: number): unknown[] {
    for (let index = 0; index < length; index += 1) array.push(this.#read());
    return array;
  }

  #readObject(shape: number): object {
    const shapes = (this.#shapes ??= []);
    const keys = (shapes[shape] ??= this.#readKeys());
    const object: Record<string, unknown> = this.#note({});
    for (let index = 0; index < keys.length; index += 1) object[keys[index] as string] = this.#read();
    return object;
  }

  #readKeys(): string[] {
    const length = this.#words[this.#at >> 2] as number;
    this.#at += HEADER_SIZE;
    return this.#readItems([], length) as string[];
  }

  #readMap(size: number): Map<unknown, unknown> {
    const map = this.#note(new Map<unknown, unknown>());
    for (let index = 0; index < size; index += 1) {
      const key = this.#read();
      map.set(key, this.#read());
    }
    return map;
  }

  #readSet(size: number): Set<unknown> {
    const set = this.#note(new Set<unknown>());
    for (let index = 0; index < size; index += 1) set.add(this.#read());
    return set;
  }

  #readBytes(className: string): ArrayBuffer | ArrayBufferView {
    const length = this.#words[this.#at >> 2] as number;
    const from = this.#at + HEADER_SIZE;
    this.#at = from + padded(length);
    const buffer = new ArrayBuffer(length);
    new Uint8Array(buffer).set(this.#bytes.subarray(from, from + length));
    return className === "ArrayBuffer" ? buffer : new (viewClassNamed(className))(buffer);
  }
}
