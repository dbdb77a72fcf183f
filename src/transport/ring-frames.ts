// How the commonest messages lie in a frame of a ring, or of a socket: tasks and outcomes whose values are numbers, short strings and the
// like. Everything else is refused, and goes the long way. By hand, as structured clone takes ten times as long.

import type { OutcomeColumns, TaskColumns } from "../protocol/columns.ts";
import type { FinishedMessage, FromWorker, RunMessage, ToWorker } from "../protocol/messages.ts";
import type { RingMemory } from "./ring.ts";

/** Where a frame can be written: a ring, or a buffer. */
export interface FrameSpace {
  readonly memory: RingMemory;
  /** Where in the memory `size` bytes of content begin, a multiple of 8; -1 if there is no room. */
  reserve(size: number): number;
  /** What was reserved has been written. */
  publish(): void;
}

/** How messages of one direction lie in frames. */
export interface FrameForm<Message> {
  /** False: the message is none for a frame, or there is no room; nothing has been written. */
  write(space: FrameSpace, message: Message): boolean;
  /** Of the frame whose content begins at `at`. */
  read(memory: RingMemory, at: number): Message;
}

/** Messages from a pool to its worker. */
export const RUN_FRAMES: FrameForm<ToWorker> = {
  write(space, message) {
    if (
      message.type !== "run" ||
      message.functions !== undefined ||
      message.templates !== undefined ||
      message.forget !== undefined ||
      message.forgetTemplates !== undefined
    )
      return false;
    return message.tasks.labels === undefined && writeColumns(space, message.tasks);
  },
  read: (memory, at): RunMessage => ({ type: "run", tasks: readColumns(memory, at) }),
};

/** Messages from a worker to its pool. */
export const FINISHED_FRAMES: FrameForm<FromWorker> = {
  write(space, message) {
    if (message.type !== "finished" || message.templates !== undefined || message.memory !== undefined) return false;
    return writeColumns(space, message.outcomes);
  },
  read: (memory, at): FinishedMessage => ({ type: "finished", outcomes: readColumns(memory, at) }),
};

type Columns = TaskColumns | OutcomeColumns;

/** UTF-16 units of the longest string. Longer ones are copied faster by the long way. */
const LONGEST_STRING = 256;
/** Of a bigint, in digits: any longer is rare. */
const LARGEST_BIGINT = 2n ** 64n;

/** What a value is, in the word before it. */
const UNDEFINED = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const NUMBER = 4;
const STRING = 5;
const BIGINT = 6;

/** Content of a frame: how many numbers and values there are (two words), the numbers, the values. */
const COUNTS_SIZE = 8;
/** From so many on they are copied as one block. */
const MANY_NUMBERS = 64;
/** What each value takes at least: a word for what it is and one for its length. */
const VALUE_SIZE = 8;

function writeColumns(space: FrameSpace, { numbers, values }: Columns): boolean {
  const valuesSize = sizeOf(values);
  if (valuesSize < 0) return false;
  const at = space.reserve(COUNTS_SIZE + 8 * numbers.length + valuesSize);
  if (at < 0) return false;
  const { memory } = space;
  memory.words[at >> 2] = numbers.length;
  memory.words[(at >> 2) + 1] = values.length;
  const firstNumber = (at + COUNTS_SIZE) >> 3;
  if (numbers.length < MANY_NUMBERS) for (let index = 0; index < numbers.length; index += 1) memory.doubles[firstNumber + index] = numbers[index] as number;
  else memory.doubles.set(numbers, firstNumber);
  writeValues(memory, (firstNumber + numbers.length) << 3, values);
  space.publish();
  return true;
}

/** Bytes; -1 if one of them is none for a ring. */
function sizeOf(values: readonly unknown[]): number {
  let size = 0;
  for (let index = 0; index < values.length; index += 1) {
    const valueSize = sizeOfValue(values[index]);
    if (valueSize < 0) return -1;
    size += valueSize;
  }
  return size;
}

function sizeOfValue(value: unknown): number {
  switch (typeof value) {
    case "number":
      return VALUE_SIZE + 8;
    case "string":
      return value.length > LONGEST_STRING ? -1 : VALUE_SIZE + paddedSize(value.length);
    case "boolean":
    case "undefined":
      return VALUE_SIZE;
    case "bigint":
      return value < LARGEST_BIGINT && value > -LARGEST_BIGINT ? VALUE_SIZE + paddedSize(String(value).length) : -1;
    default:
      return value === null ? VALUE_SIZE : -1;
  }
}

/** Bytes that so many UTF-16 units take, with what is left empty behind them. */
function paddedSize(units: number): number {
  return (2 * units + 7) & ~7;
}

function writeValues(memory: RingMemory, from: number, values: readonly unknown[]): void {
  let at = from;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (typeof value === "number") {
      memory.words[at >> 2] = NUMBER;
      memory.doubles[(at + VALUE_SIZE) >> 3] = value;
      at += VALUE_SIZE + 8;
    } else if (typeof value === "string") at = writeText(memory, at, STRING, value);
    else if (typeof value === "bigint") at = writeText(memory, at, BIGINT, String(value));
    else {
      memory.words[at >> 2] = value === undefined ? UNDEFINED : value === null ? NULL : value === true ? TRUE : FALSE;
      at += VALUE_SIZE;
    }
  }
}

function writeText(memory: RingMemory, at: number, kind: number, text: string): number {
  memory.words[at >> 2] = kind;
  memory.words[(at >> 2) + 1] = text.length;
  const first = (at + VALUE_SIZE) >> 1;
  for (let index = 0; index < text.length; index += 1) memory.units[first + index] = text.charCodeAt(index);
  return at + VALUE_SIZE + paddedSize(text.length);
}

function readColumns(memory: RingMemory, at: number): { readonly numbers: number[]; readonly values: unknown[] } {
  const numberCount = memory.words[at >> 2] as number;
  const firstNumber = (at + COUNTS_SIZE) >> 3;
  return {
    numbers: readNumbers(memory, firstNumber, numberCount),
    values: readValues(memory, (firstNumber + numberCount) << 3, memory.words[(at >> 2) + 1] as number),
  };
}

/** An array that grows takes memory for many; those of one task or outcome, which are most, are written out. */
function readNumbers({ doubles }: RingMemory, first: number, count: number): number[] {
  if (count === 3) return [doubles[first] as number, doubles[first + 1] as number, doubles[first + 2] as number];
  const numbers: number[] = count === 6 ? [0, 0, 0, 0, 0, 0] : [];
  for (let index = 0; index < count; index += 1) numbers[index] = doubles[first + index] as number;
  return numbers;
}

function readValues(memory: RingMemory, from: number, count: number): unknown[] {
  const values: unknown[] = [];
  let at = from;
  for (let index = 0; index < count; index += 1) {
    const kind = memory.words[at >> 2] as number;
    if (kind === NUMBER) {
      values.push(memory.doubles[(at + VALUE_SIZE) >> 3]);
      at += VALUE_SIZE + 8;
    } else if (kind >= STRING) {
      const length = memory.words[(at >> 2) + 1] as number;
      const text = readText(memory, at + VALUE_SIZE, length);
      values.push(kind === STRING ? text : BigInt(text));
      at += VALUE_SIZE + paddedSize(length);
    } else {
      values.push(kind === UNDEFINED ? undefined : kind === NULL ? null : kind === TRUE);
      at += VALUE_SIZE;
    }
  }
  return values;
}

function readText(memory: RingMemory, at: number, length: number): string {
  const first = at >> 1;
  return String.fromCharCode.apply(undefined, memory.units.subarray(first, first + length) as unknown as number[]);
}
