// Reads values that lie one after another, as slots.ts and the tree writer have written them. What it makes runs no code of the
// user's.

import { viewClassNamed } from "../values/view-classes.ts";
import type { FrameMemory, TextBytes } from "./memory.ts";
import { recordCode, type RecordSource } from "./record-code.ts";
import {
  ARRAY,
  BIGINT,
  BYTES_CLASSES,
  DATE,
  FALSE,
  HIGH,
  LATIN,
  LOW,
  MAP,
  MET,
  NAN,
  NOT_A_NUMBER,
  NULL,
  NUMBERS,
  OBJECT,
  RECORDS,
  SET,
  TRUE,
  UNDEFINED,
  UNITS,
  padded,
} from "./slots.ts";

/** Characters up to which a loop beats calling into Node. */
const SHORT_TO_READ = 5;

/** What of a high word says which kind the value is. */
const KIND = ~NOT_A_NUMBER;

/**
 * The same number, as V8 keeps small integers: what is read as a double stays one for whoever computes with it, and a
 * remainder of doubles takes ten times as long as one of integers.
 */
function asSmallInteger(value: number): number {
  const integer = value | 0;
  return integer === value && (integer !== 0 || 1 / value > 0) ? integer : value;
}

export class TreeReader implements RecordSource {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: TextBytes;
  /** The slot of the next one. */
  #slot: number;
  /** Lists of keys that objects have had so far. */
  #shapes: string[][] | undefined = undefined;
  /** All objects so far, if some may be met again. */
  readonly #objects: object[] | undefined;

  /** `meetsAgain`: whether objects may be there more than once. */
  constructor(memory: FrameMemory, at: number, meetsAgain = false) {
    this.#words = memory.words;
    this.#doubles = memory.doubles;
    this.#bytes = memory.bytes;
    this.#slot = at >> 3;
    this.#objects = meetsAgain ? [] : undefined;
  }

  readAll(count: number): unknown[] {
    // An array that grows takes memory for many, and most messages are of one value.
    if (count === 1) return [this.next()];
    const values: unknown[] = [];
    for (let index = 0; index < count; index += 1) values.push(this.next());
    return values;
  }

  next(): unknown {
    const number = this.#doubles[this.#slot] as number;
    if (Number.isNaN(number)) return this.#readOther();
    this.#slot += 1;
    return asSmallInteger(number);
  }

  /** Of what begins with a slot that is no number's. */
  #readOther(): unknown {
    const word = this.#slot << 1;
    const kind = (this.#words[word + HIGH] as number) & KIND;
    const length = this.#words[word + LOW] as number;
    this.#slot += 1;
    switch (kind) {
      case UNDEFINED:
        return undefined;
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case NAN:
        return Number.NaN;
      case UNITS:
        return this.#readUnits(length);
      case LATIN:
        return this.#readLatin(length);
      case BIGINT:
        return BigInt(this.#readUnits(length));
      case DATE:
        return this.#note(new Date(this.next() as number));
      case ARRAY:
        return this.#readArray(this.#note([]), length);
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
    const from = this.#slot << 3;
    this.#slot += padded(2 * length) >> 3;
    return this.#bytes.toString("utf16le", from, from + 2 * length);
  }

  #readLatin(length: number): string {
    const bytes = this.#bytes;
    const from = this.#slot << 3;
    this.#slot += padded(length) >> 3;
    if (length > SHORT_TO_READ) return bytes.toString("latin1", from, from + length);
    let text = "";
    for (let index = 0; index < length; index += 1) text += String.fromCharCode(bytes[from + index] as number);
    return text;
  }

  #readArray(array: unknown[], length: number): unknown[] {
    while (array.length < length) {
      const word = this.#slot << 1;
      const kind = this.#words[word + HIGH] as number;
      if (kind === (NOT_A_NUMBER | NUMBERS)) this.#readNumbers(array, this.#words[word + LOW] as number);
      else if (kind === (NOT_A_NUMBER | RECORDS)) this.#readRecords(array, this.#words[word + LOW] as number);
      else array.push(this.next());
    }
    return array;
  }

  #readNumbers(array: unknown[], count: number): void {
    const doubles = this.#doubles;
    const from = this.#slot + 1;
    const to = from + count;
    for (let slot = from; slot < to; slot += 1) array.push(asSmallInteger(doubles[slot] as number));
    this.#slot = to;
  }

  #readRecords(array: unknown[], shape: number): void {
    this.#slot += 1;
    const keys = this.#keysOf(shape);
    const count = this.next() as number;
    const code = recordCode(keys);
    if (code !== undefined) return code.read(this, count, array);
    for (let index = 0; index < count; index += 1) array.push(this.#readFields({}, keys));
  }

  #readObject(shape: number): object {
    const keys = this.#keysOf(shape);
    return this.#readFields(this.#note({}), keys);
  }

  #readFields(object: Record<string, unknown>, keys: readonly string[]): object {
    for (let index = 0; index < keys.length; index += 1) object[keys[index] as string] = this.next();
    return object;
  }

  /** They come with the first object that has them. */
  #keysOf(shape: number): readonly string[] {
    const shapes = (this.#shapes ??= []);
    return (shapes[shape] ??= this.#readKeys());
  }

  #readKeys(): string[] {
    const length = this.next() as number;
    return this.readAll(length) as string[];
  }

  #readMap(size: number): Map<unknown, unknown> {
    const map = this.#note(new Map<unknown, unknown>());
    for (let index = 0; index < size; index += 1) {
      const key = this.next();
      map.set(key, this.next());
    }
    return map;
  }

  #readSet(size: number): Set<unknown> {
    const set = this.#note(new Set<unknown>());
    for (let index = 0; index < size; index += 1) set.add(this.next());
    return set;
  }

  #readBytes(className: string): ArrayBuffer | ArrayBufferView {
    const length = this.next() as number;
    const from = this.#slot << 3;
    this.#slot += padded(length) >> 3;
    const buffer = new ArrayBuffer(length);
    new Uint8Array(buffer).set(this.#bytes.subarray(from, from + length));
    return className === "ArrayBuffer" ? buffer : new (viewClassNamed(className))(buffer);
  }
}
