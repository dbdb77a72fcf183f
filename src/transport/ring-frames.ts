// How the commonest messages lie in a frame of a ring, of a socket, or of a buffer of its own: tasks and outcomes whose values
// are data, or data and a program that makes something of it. Everything else is refused, and goes the long way.

import type { FrameMemory } from "../codec/trees/memory.ts";
import { sizeOfSimple, writeSimple } from "../codec/trees/slots.ts";
import { TreeReader } from "../codec/trees/tree-reader.ts";
import { treeWriter } from "../codec/trees/tree-writer.ts";
import { hasOddLists } from "../codec/values/program.ts";
import { hasCodedOutcome, hasCodedTask, type OutcomeColumns, type TaskColumns } from "../protocol/columns.ts";
import type { FinishedMessage, FromWorker, RunMessage, ToWorker } from "../protocol/messages.ts";

/** Where a frame can be written: a ring, or a buffer. */
export interface FrameSpace {
  /** Bytes of content that there can be room for. */
  readonly limit: number;
  /** After `reserve`. */
  readonly memory: FrameMemory;
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
  read(memory: FrameMemory, at: number): Message;
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
    return message.tasks.labels === undefined && writeColumns(space, message.tasks, hasCodedTask);
  },
  read: (memory, at): RunMessage => ({ type: "run", tasks: readColumns(memory, at) }),
};

/** Messages from a worker to its pool. */
export const FINISHED_FRAMES: FrameForm<FromWorker> = {
  write(space, message) {
    if (message.type !== "finished" || message.templates !== undefined || message.memory !== undefined) return false;
    return writeColumns(space, message.outcomes, hasCodedOutcome);
  },
  read: (memory, at): FinishedMessage => ({ type: "finished", outcomes: readColumns(memory, at) }),
};

type Columns = TaskColumns | OutcomeColumns;

/** Content of a frame: how many numbers and values there are (two words), the numbers, the values. Below 0: so many values and 1, in which objects may be met again. */
const COUNTS_SIZE = 8;
/** From so many on they are copied as one block. */
const MANY_NUMBERS = 64;

/** `hasCoded`: whether some of the values may be other than trees. */
function writeColumns<C extends Columns>(space: FrameSpace, columns: C, hasCoded: (columns: C) => boolean): boolean {
  const { numbers, values } = columns;
  const start = COUNTS_SIZE + 8 * numbers.length;
  const size = sizeOfAll(values);
  if (size < 0) return writeWithInsides(space, columns, start, hasCoded(columns));
  const at = writeStart(space, numbers, values.length, start + size);
  if (at < 0) return false;
  const { memory } = space;
  let next = at + start;
  for (let index = 0; index < values.length; index += 1) next = writeSimple(memory, next, values[index]);
  space.publish();
  return true;
}

function writeWithInsides(space: FrameSpace, { numbers, values }: Columns, start: number, isCoded: boolean): boolean {
  if (isCoded && values.some(hasOddLists)) return false;
  const trees = treeWriter();
  const size = trees.writeAll(values, space.limit - start, isCoded ? "graph" : "tree");
  const at = size < 0 ? -1 : writeStart(space, numbers, isCoded ? ~values.length : values.length, start + size);
  if (at < 0) return false;
  trees.copyTo(space.memory, at + start);
  space.publish();
  return true;
}

/** Bytes; -1 if the size of some value is not known at once. */
function sizeOfAll(values: readonly unknown[]): number {
  let size = 0;
  for (let index = 0; index < values.length; index += 1) {
    const valueSize = sizeOfSimple(values[index]);
    if (valueSize < 0) return -1;
    size += valueSize;
  }
  return size;
}

/** Reserves `size` bytes and writes what comes before the values. Returns where the frame begins; -1 if there is no room. */
function writeStart(space: FrameSpace, numbers: Columns["numbers"], valueCount: number, size: number): number {
  const at = space.reserve(size);
  if (at < 0) return -1;
  const { words, doubles } = space.memory;
  words[at >> 2] = numbers.length;
  words[(at >> 2) + 1] = valueCount;
  const first = (at + COUNTS_SIZE) >> 3;
  if (numbers.length < MANY_NUMBERS) for (let index = 0; index < numbers.length; index += 1) doubles[first + index] = numbers[index] as number;
  else doubles.set(numbers, first);
  return at;
}

function readColumns(memory: FrameMemory, at: number): { readonly numbers: number[]; readonly values: unknown[] } {
  const numberCount = memory.words[at >> 2] as number;
  const valueCount = memory.words[(at >> 2) + 1] as number;
  const meetsAgain = valueCount < 0;
  const firstNumber = (at + COUNTS_SIZE) >> 3;
  const reader = new TreeReader(memory, (firstNumber + numberCount) << 3, meetsAgain);
  return { numbers: readNumbers(memory, firstNumber, numberCount), values: reader.readAll(meetsAgain ? ~valueCount : valueCount) };
}

/** An array that grows takes memory for many; those of one task or outcome, which are most, are written out. */
function readNumbers({ doubles }: FrameMemory, first: number, count: number): number[] {
  if (count === 4) return [doubles[first] as number, doubles[first + 1] as number, doubles[first + 2] as number, doubles[first + 3] as number];
  const numbers: number[] = count === 7 ? [0, 0, 0, 0, 0, 0, 0] : [];
  for (let index = 0; index < count; index += 1) numbers[index] = doubles[first + index] as number;
  return numbers;
}
