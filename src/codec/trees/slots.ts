// How a value lies in memory: in slots of 8 bytes. A number is one slot. Anything else begins with a slot that is no number's:
// its high word, as a double's would, says "not a number" and of which kind the value is, the low one how long it is, or of
// which class. What is in the value follows. Written here as far as its size is known at once; what has an inside is written by
// the tree writer.
//
// By hand, as structured clone takes ten times as long for a few numbers, and twice as long or more for a list of records.

import { VIEW_CLASS_NAMES } from "../values/view-classes.ts";
import type { FrameMemory } from "./memory.ts";

export const UNDEFINED = 1;
export const NULL = 2;
export const FALSE = 3;
export const TRUE = 4;
/** The number that is none. */
export const NAN = 5;
/** Two bytes for each UTF-16 unit. */
export const UNITS = 6;
/** One byte for each: none is above 255. */
export const LATIN = 7;
export const BIGINT = 8;
/** The next slot is its number. */
export const DATE = 9;
export const ARRAY = 10;
/** Instead of a length, how manieth its list of keys is; the values follow. */
export const OBJECT = 11;
export const MAP = 12;
export const SET = 13;
export const BYTES = 14;
/** An object that has been there before; instead of a length, the how manieth it was. */
export const MET = 15;
/** Items of a list: so many numbers. */
export const NUMBERS = 16;
/** Items of a list: objects that have the same keys, in the same order. How many they are follows, then the values of one after another. */
export const RECORDS = 17;

/** Bytes of a slot. */
export const SLOT = 8;

/** Which word of a slot is the high one of a double, and which the low one. */
export const HIGH: number = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
export const LOW: number = 1 - HIGH;

/** The high word of a double that is no number. */
export const NOT_A_NUMBER = 0x7ff8_0000;

/** UTF-16 units of the longest string that is written where there is room for two bytes each: longer ones have their size found out first. */
const LONGEST_STRING = 64;
/** Up to here a loop beats calling into Node. */
const SHORT_TO_WRITE = 24;
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
    case "boolean":
    case "undefined":
      return SLOT;
    case "string":
      return value.length > LONGEST_STRING ? -1 : SLOT + padded(2 * value.length);
    case "bigint":
      return value < LARGEST_BIGINT && value > -LARGEST_BIGINT ? SLOT + padded(2 * String(value).length) : -1;
    default:
      return value === null ? SLOT : -1;
  }
}

/** Writes a value whose size is known. Returns where the next one begins. */
export function writeSimple(memory: FrameMemory, at: number, value: unknown): number {
  if (typeof value === "number") return writeNumber(memory, at, value);
  if (typeof value === "string") return writeString(memory, at, value);
  if (typeof value === "bigint") return writeUnits(memory, at, BIGINT, String(value));
  return writeHeader(memory, at, value === undefined ? UNDEFINED : value === null ? NULL : value === true ? TRUE : FALSE, 0);
}

/** `length`: or what else the low word says. */
export function writeHeader({ words }: FrameMemory, at: number, kind: number, length: number): number {
  const word = at >> 2;
  words[word + HIGH] = NOT_A_NUMBER | kind;
  words[word + LOW] = length;
  return at + SLOT;
}

export function writeNumber(memory: FrameMemory, at: number, value: number): number {
  // There are many doubles that are no number, and any may be written: it could look like something else.
  if (Number.isNaN(value)) return writeHeader(memory, at, NAN, 0);
  memory.doubles[at >> 3] = value;
  return at + SLOT;
}

/** There must be room for two bytes a unit. */
export function writeString(memory: FrameMemory, at: number, text: string): number {
  const { length } = text;
  const isLatin = length <= SHORT_TO_WRITE ? writeLatin(memory, at + SLOT, text) : writeAscii(memory, at + SLOT, text);
  if (!isLatin) return writeUnits(memory, at, UNITS, text);
  return writeHeader(memory, at, LATIN, length) + padded(length);
}

/** Whether a byte for each unit has been enough. */
function writeLatin({ bytes }: FrameMemory, first: number, text: string): boolean {
  let all = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    all |= unit;
    bytes[first + index] = unit;
  }
  return all < 256;
}

/** Whether it is ASCII: with room for a character more than there are units, only that is as long in bytes as in units. */
function writeAscii({ bytes }: FrameMemory, first: number, text: string): boolean {
  return bytes.write(text, first, text.length + LONGEST_CHARACTER, "utf8") === text.length;
}

function writeUnits(memory: FrameMemory, at: number, kind: number, text: string): number {
  const { length } = text;
  const first = writeHeader(memory, at, kind, length);
  if (length > SHORT_TO_WRITE) memory.bytes.write(text, first, 2 * length, "utf16le");
  else for (let index = 0; index < length; index += 1) memory.units[(first >> 1) + index] = text.charCodeAt(index);
  return first + padded(2 * length);
}
