// Moves what a source map says of a source along with what is put into that. Loaders such as tsx write whole files into
// one line: without this, every line behind the first note would be told wrong.

import type { Insertion } from "../codec/functions/annotations.ts";

const INLINE_MAP = /^\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([A-Za-z0-9+/=]+)\s*$/gm;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** A digit of a number is followed by another. */
const CONTINUES = 32;

/** An insertion, by its place in a line. */
interface Shift {
  readonly column: number;
  readonly length: number;
}

/** The map's URL for the source with the insertions; undefined for a source that has no map within itself. */
export function movedMap(source: string, insertions: readonly Insertion[]): string | undefined {
  const encoded = [...source.matchAll(INLINE_MAP)].at(-1)?.[1];
  if (encoded === undefined) return undefined;
  const map = JSON.parse(Buffer.from(encoded, "base64").toString()) as { mappings?: unknown };
  if (typeof map.mappings !== "string") return undefined;
  const moved = { ...map, mappings: movedMappings(map.mappings, shiftsByLine(source, insertions)) };
  return `data:application/json;base64,${Buffer.from(JSON.stringify(moved)).toString("base64")}`;
}

function shiftsByLine(source: string, insertions: readonly Insertion[]): ReadonlyMap<number, readonly Shift[]> {
  const shifts = new Map<number, Shift[]>();
  let line = 0;
  let lineStart = 0;
  for (const { at, text } of insertions) {
    for (let next = source.indexOf("\n", lineStart); next >= 0 && next < at; next = source.indexOf("\n", lineStart)) {
      line += 1;
      lineStart = next + 1;
    }
    const ofLine = shifts.get(line) ?? [];
    shifts.set(line, [...ofLine, { column: at - lineStart, length: text.length }]);
  }
  return shifts;
}

/** Lines are parted by semicolons, and what is said of places in them by commas. */
function movedMappings(mappings: string, shifts: ReadonlyMap<number, readonly Shift[]>): string {
  return mappings
    .split(";")
    .map((line, index) => {
      const ofLine = shifts.get(index);
      return ofLine === undefined ? line : movedLine(line, ofLine);
    })
    .join(";");
}

/** The first number of each segment is its column, from that of the segment before. */
function movedLine(line: string, shifts: readonly Shift[]): string {
  let column = 0;
  let movedColumn = 0;
  return line
    .split(",")
    .map((segment) => {
      const [difference, rest] = firstNumber(segment);
      column += difference;
      const before = movedColumn;
      movedColumn = column + insertedUpTo(column, shifts);
      return encodedNumber(movedColumn - before) + rest;
    })
    .join(",");
}

function insertedUpTo(column: number, shifts: readonly Shift[]): number {
  return shifts.reduce((sum, shift) => (shift.column <= column ? sum + shift.length : sum), 0);
}

/** And the text behind it. */
function firstNumber(segment: string): [value: number, rest: string] {
  let bits = 0;
  for (let index = 0; index < segment.length; index += 1) {
    const digit = DIGITS.indexOf(segment[index] as string);
    bits += (digit & ~CONTINUES) * 32 ** index;
    if ((digit & CONTINUES) === 0) return [(bits % 2 === 1 ? -1 : 1) * Math.floor(bits / 2), segment.slice(index + 1)];
  }
  throw new Error(`"${segment}" is no segment of a source map`);
}

function encodedNumber(value: number): string {
  let bits = Math.abs(value) * 2 + (value < 0 ? 1 : 0);
  let text = "";
  do {
    const digit = bits % 32;
    bits = Math.floor(bits / 32);
    text += DIGITS[bits > 0 ? digit + CONTINUES : digit];
  } while (bits > 0);
  return text;
}
