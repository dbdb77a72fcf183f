// Code for lists of records: of objects that have the same keys in the same order. It is made when such a list is first met,
// with the keys written out, as V8 finds a property by a name that varies more than ten times slower than by one that is in the code.

/** Who is called for each record, and for each of its values. */
export interface RecordSink {
  /** Whether it is one of these keys. */
  isRecord(item: unknown, keys: readonly string[]): boolean;
  /** Whether it comes for the first time. `first`: its first value. */
  isNew(record: object, first: unknown, index: number): boolean;
  /** False: the value cannot be written. */
  put(value: unknown): boolean;
}

export interface RecordSource {
  next(): unknown;
}

/** Writes records from an index on, up to another or to what is none. Returns where it stopped; -1 if some value cannot be written. */
export type WriteRecords = (sink: RecordSink, items: readonly unknown[], from: number, to: number, keys: readonly string[]) => number;

/** Reads so many and adds them to a list. */
export type ReadRecords = (source: RecordSource, count: number, into: unknown[]) => void;

export interface RecordCode {
  readonly write: WriteRecords;
  readonly read: ReadRecords;
}

/** Keys of a record. Code for more would be long, and objects with so many are mostly tables whose keys are data. */
const MOST_KEYS = 64;
/** Kinds of records that a thread makes code for. More: memory, in programs that make up keys. */
const MOST_KINDS = 256;

const known = new Map<string, RecordCode>();
/** Whether code may be made of text here at all. */
let isAllowed = true;

/** Undefined where there is none for objects of these keys. */
export function recordCode(keys: readonly string[]): RecordCode | undefined {
  if (keys.length > MOST_KEYS || !isAllowed) return undefined;
  const name = JSON.stringify(keys);
  const code = known.get(name);
  if (code !== undefined || known.size === MOST_KINDS) return code;
  const made = makeCode(keys);
  if (made !== undefined) known.set(name, made);
  return made;
}

function makeCode(keys: readonly string[]): RecordCode | undefined {
  try {
    return { write: makeWrite(keys.map(literal)), read: makeRead(keys.map(literal)) };
  } catch {
    // A program may forbid it: --disallow-code-generation-from-strings.
    isAllowed = false;
    return undefined;
  }
}

/** As it is in source code. Whatever is in a key cannot be anything but text there. */
function literal(key: string): string {
  return JSON.stringify(key);
}

function makeWrite(keys: readonly string[]): WriteRecords {
  const values = keys.map((key, at) => `const value${at} = item[${key}];`);
  const puts = keys.map((key, at) => `if ((value${at} === undefined && !hasOwn(item, ${key})) || !sink.put(value${at})) return -1;`);
  const first = keys.length === 0 ? "undefined" : "value0";
  return make(
    "hasOwn",
    `return function writeRecords(sink, items, from, to, keys) {
    let index = from;
    for (; index < to; index += 1) {
      const item = items[index];
      if (!sink.isRecord(item, keys)) break;
      ${values.join("\n")}
      if (!sink.isNew(item, ${first}, index)) return -1;
      ${puts.join("\n")}
    }
    return index;
  };`,
  )(Object.hasOwn) as WriteRecords;
}

/** Values are read in the order that they are in the literal. */
function makeRead(keys: readonly string[]): ReadRecords {
  const fields = keys.map((key) => `${key}: source.next()`);
  return make(
    "",
    `return function readRecords(source, count, into) {
    for (let left = count; left > 0; left -= 1) into.push({ ${fields.join(", ")} });
  };`,
  )() as ReadRecords;
}

/** Not by `node:vm`: what is read is made of this realm's objects, wherever dure has been loaded (Jest has realms of its own). */
function make(parameter: string, body: string): (...args: unknown[]) => unknown {
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is made here, and keys are quoted in it
  return new Function(parameter, `"use strict";${body}`) as (...args: unknown[]) => unknown;
}
