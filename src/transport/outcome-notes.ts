// The outcome of one task as a few bytes, to be left where it outlives the worker: a worker sends the outcomes of short tasks
// together, and notes each with the control word of the task that it begins next. Should that one end the worker without
// warning, or take long, its pool still learns what had been done.

import { deserialize, Serializer } from "node:v8";
import { frameMemory } from "../codec/trees/memory.ts";
import { TreeReader } from "../codec/trees/tree-reader.ts";
import { treeWriter } from "../codec/trees/tree-writer.ts";
import type { WireOutcome } from "../protocol/messages.ts";
import { NOTE_SIZE } from "./claims.ts";

/** Where things are, in bytes: the task's id, the milliseconds that it took, how it ended, and what came of it. */
const DURATION = 8;
const END = 16;
const VALUE = 24;

/** How it ended: the sum of these that hold. */
const OK = 1;
const CODED = 2;
/** What came of it: one of these. Anything else is in Node's serialized form, which takes several times as long to write. */
const KIND = 4;
const UNDEFINED = 1 * KIND;
const NULL = 2 * KIND;
const FALSE = 3 * KIND;
const TRUE = 4 * KIND;
const NUMBER = 5 * KIND;
/** As in a frame. */
const TREE = 6 * KIND;
const OTHER = 0;

/** After one that was too large, so many are taken for too large without trying: serializing in vain costs as much as sending. */
const SKIPPED = 31;

/** The notes of one worker. */
export class OutcomeNotes {
  readonly #bytes = new Uint8Array(NOTE_SIZE);
  readonly #memory = frameMemory(this.#bytes.buffer);
  readonly #view = new DataView(this.#bytes.buffer);
  #toSkip = 0;

  /** Valid until the next call. `undefined`: it is too large, or cannot be written as bytes. */
  encode([taskId, ok, value, coded, durationMs]: WireOutcome): Uint8Array | undefined {
    let kind = kindOf(value);
    let size = kind === NUMBER ? 8 : 0;
    if (kind === NUMBER) this.#view.setFloat64(VALUE, value as number);
    else if (kind === OTHER && !coded && (size = this.#writeTree(value)) >= 0) kind = TREE;
    else if (kind === OTHER) size = this.#writeSerialized(value);
    if (size < 0) return undefined;
    this.#view.setFloat64(0, taskId);
    this.#view.setFloat64(DURATION, durationMs);
    this.#view.setUint32(END, kind + (ok ? OK : 0) + (coded ? CODED : 0));
    return this.#bytes.subarray(0, VALUE + size);
  }

  #writeTree(value: unknown): number {
    const trees = treeWriter();
    const size = trees.writeAll([value], NOTE_SIZE - VALUE, "tree");
    if (size >= 0) trees.copyTo(this.#memory, VALUE);
    return size;
  }

  /** How many bytes it took; -1 if that is not possible. */
  #writeSerialized(value: unknown): number {
    if (this.#toSkip > 0) {
      this.#toSkip -= 1;
      return -1;
    }
    const serialized = serialize(value);
    if (serialized === undefined || serialized.byteLength > NOTE_SIZE - VALUE) {
      this.#toSkip = SKIPPED;
      return -1;
    }
    this.#bytes.set(serialized, VALUE);
    return serialized.byteLength;
  }
}

function kindOf(value: unknown): number {
  if (typeof value === "number") return NUMBER;
  if (value === undefined) return UNDEFINED;
  if (value === null) return NULL;
  return typeof value === "boolean" ? (value ? TRUE : FALSE) : OTHER;
}

/** Without typed arrays and shared memory: only a message carries these as they are. */
function serialize(value: unknown): Uint8Array | undefined {
  try {
    const serializer = new Serializer();
    serializer.writeHeader();
    serializer.writeValue(value);
    return serializer.releaseBuffer();
  } catch {
    return undefined;
  }
}

export function decodeNote(note: Uint8Array): WireOutcome {
  const read = new DataView(note.buffer, note.byteOffset, note.byteLength);
  const end = read.getUint32(END);
  return [read.getFloat64(0), (end & OK) !== 0, valueOf(note, read, end & ~(OK + CODED)), (end & CODED) !== 0, read.getFloat64(DURATION)];
}

function valueOf(note: Uint8Array, read: DataView, kind: number): unknown {
  switch (kind) {
    case NUMBER:
      return read.getFloat64(VALUE);
    case UNDEFINED:
      return undefined;
    case NULL:
      return null;
    case TRUE:
    case FALSE:
      return kind === TRUE;
    case TREE:
      return treeIn(note);
    default:
      return deserialize(note.subarray(VALUE));
  }
}

/** Copied to where it is aligned. */
function treeIn(note: Uint8Array): unknown {
  return new TreeReader(frameMemory(new Uint8Array(note).buffer), VALUE).readAll(1)[0];
}
