// Lets the receiver of a large value begin to copy it out of memory while its sender still writes: two processors then do
// in turn what would otherwise be done one after the other, and most of the time is the receiver's, whose memory is new.
//
// The sender says what is coming, to whom it will most likely go, and writes after each step how far it is. Nobody relies
// on it: whoever gets the value asks whether it has been begun, and otherwise copies all of it. A value is known by a
// number that no other has; it is 0 again as soon as something else may be put down in its place.

import { clearTimeout, setTimeout } from "node:timers";
import type { SharedBytes } from "./shared-bytes.ts";

/** Bytes from which on it is worth a message. */
export const WORTH_A_HEAD_START: number = 512 * 1024;

/** Bytes between two words of how far it is. Smaller: more calls. Larger: the last step, which nobody helps with, takes longer. */
const STEP = 128 * 1024;

/** Values that may be on their way at the same time. Each has two words: its number, and how many steps of it are there. */
const PLACES = 128;
const FIRST_WORD = 16;

/** Milliseconds. Values are asked for as soon as they are written, so this is for those whose task was cancelled. */
const KEPT_MS = 1000;

/** A value that is being written. */
export interface ComingValue {
  readonly at: number;
  readonly size: number;
  readonly serial: number;
}

/** Says to whom a value will most likely go that it is coming. */
export type Announce = (coming: ComingValue) => void;

/** Writes values that their receivers may read meanwhile. */
export class StepWriter {
  readonly #memory: SharedBytes;
  #serial = 0;

  constructor(memory: SharedBytes) {
    this.#memory = memory;
  }

  /** Returns the number that the value is known by. */
  write(at: number, bytes: Uint8Array, announce: Announce): number {
    const serial = this.#nextSerial();
    const word = wordOf(serial);
    this.#memory.setWord(word + 1, 0);
    this.#memory.setWord(word, serial);
    announce({ at, size: bytes.byteLength, serial });
    for (let done = 0, steps = 1; done < bytes.byteLength; done += STEP, steps += 1) {
      this.#memory.write(at + done, bytes.subarray(done, done + STEP));
      this.#memory.setWord(word + 1, steps);
    }
    return serial;
  }

  #nextSerial(): number {
    this.#serial = (this.#serial + 1) | 0 || 1;
    return this.#serial;
  }

  /** Its place is free. */
  forget(serial: number): void {
    if (this.#memory.word(wordOf(serial)) === serial) this.#memory.setWord(wordOf(serial), 0);
  }
}

/** Reads the value that was announced last. */
export class StepReader {
  #memory: SharedBytes | undefined;
  #coming: ComingValue | undefined;
  #copy: Uint8Array<ArrayBuffer> | undefined;
  #done = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #keptMs: number;

  /** `keptMs`: milliseconds after which what nobody has asked for is dropped. */
  constructor(keptMs: number = KEPT_MS) {
    this.#keptMs = keptMs;
  }

  begin(memory: SharedBytes, coming: ComingValue): void {
    this.drop();
    this.#memory = memory;
    this.#coming = coming;
    this.#copy = allocated(memory, coming.size);
    this.#done = 0;
    this.#timer = setTimeout(() => this.drop(), this.#keptMs).unref();
  }

  /** Whether there is more to come. */
  get isUnfinished(): boolean {
    return this.#copy !== undefined && this.#done < this.#copy.byteLength;
  }

  /** Copies what has been written since; whether that was anything. */
  goOn(): boolean {
    if (this.#memory === undefined || this.#coming === undefined || this.#copy === undefined) return false;
    if (!this.#isValid(this.#memory, this.#coming)) this.drop();
    else return this.#copyUntil(this.#memory, this.#coming, STEP * this.#memory.word(wordOf(this.#coming.serial) + 1));
    return false;
  }

  #isValid(memory: SharedBytes, { serial }: ComingValue): boolean {
    return memory.word(wordOf(serial)) === serial;
  }

  #copyUntil(memory: SharedBytes, { at, size }: ComingValue, written: number): boolean {
    const from = this.#done;
    const until = Math.min(size, written);
    if (until <= from || this.#copy === undefined) return false;
    memory.readInto(this.#copy.subarray(from, until), at + from);
    this.#done = until;
    return true;
  }

  /** The value that lies there, if it has been begun: whoever knows where it lies knows that it is whole. */
  take(at: number, size: number): ArrayBuffer | undefined {
    const [memory, coming, copy] = [this.#memory, this.#coming, this.#copy];
    if (memory === undefined || copy === undefined || coming?.at !== at || coming.size !== size || !this.#isValid(memory, coming)) return undefined;
    this.#copyUntil(memory, coming, size);
    this.drop();
    return copy.buffer;
  }

  drop(): void {
    clearTimeout(this.#timer);
    this.#memory = this.#coming = this.#copy = undefined;
  }
}

/** Undefined if there is no room: who takes the value is told so. */
function allocated(memory: SharedBytes, size: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    return memory.allocate(size);
  } catch {
    return undefined;
  }
}

function wordOf(serial: number): number {
  return FIRST_WORD + 2 * ((serial >>> 0) % PLACES);
}
