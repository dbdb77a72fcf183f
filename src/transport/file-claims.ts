// Control words between processes: a file without a name, inherited as a descriptor. Reading or writing a word takes
// under a microsecond, as it never leaves memory.
//
// There is no compare-and-swap on a file, so each side has words of its own, and the pool decides a tie:
// the worker says that it begins and then looks whether the task is wanted back; the pool says that it wants it back and
// then looks whether the worker has begun. At least one of the two sees the other. A worker that sees itself asked waits
// for the answer, which comes at once.
//
// A slot's number holds a generation, different each time that its place is used: no word needs to be cleared.

import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLAIM_SLOTS, NOTE_SIZE, type FarClaims, type NearClaims } from "./claims.ts";
import { UNNAMED } from "./unnamed-file.ts";

const WORD = Int32Array.BYTES_PER_ELEMENT;
/** The worker's word that it begins a task, the length of its note, and the note: one behind the other, so that one call writes them. */
const BEGUN_STRIDE = 2 * WORD + NOTE_SIZE;
/** Where the words of each kind begin. */
const BEGUN = 0;
const WANTED_BACK = CLAIM_SLOTS * BEGUN_STRIDE;
const ABORTED = WANTED_BACK + CLAIM_SLOTS * WORD;
/** One word: not 0 if the worker's code has called `process.abort()`, which ends it as a full heap does. */
const ABORT_CALLED = ABORTED + CLAIM_SLOTS * WORD;
/** One word: not 0 once the worker's own code runs. What ends it before is no doing of the user's. */
const STARTED = ABORT_CALLED + WORD;

/** Bytes of the control words. */
export const CLAIMS_FILE_SIZE: number = STARTED + WORD;

/** The pool's word: the generation times four, plus one of these. */
const ASKED = 1;
const DENIED = 2;
const GRANTED = 3;

/** Times that a worker looks for an answer before it sleeps for a millisecond. */
const LOOKS_BEFORE_SLEEP = 100;

/** Generations fit into a word beside the answer. */
const GENERATIONS = 2 ** 29;

/** Opens the control words of a new worker; undefined if this machine cannot. */
export function openClaimsFile(): number | undefined {
  for (const open of [() => openUnnamed("/dev/shm"), () => openUnnamed(tmpdir()), openAndUnlink]) {
    const descriptor = open();
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

function openUnnamed(folder: string): number | undefined {
  return process.platform === "linux" ? sized(() => openSync(folder, UNNAMED | constants.O_RDWR, 0o600)) : undefined;
}

function openAndUnlink(): number | undefined {
  // The global, as importing node:crypto would load it with every import of dure.
  const path = join(tmpdir(), `dure-${crypto.randomUUID()}`);
  return sized(() => {
    const descriptor = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return descriptor;
  });
}

/** No such folder, no such feature, no room: the next way is tried. */
function sized(open: () => number): number | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = open();
    // Written, not only made as long: a word that finds no room when it is written would cost the worker, or the pool.
    if (writeSync(descriptor, new Uint8Array(CLAIMS_FILE_SIZE)) === CLAIMS_FILE_SIZE) return descriptor;
  } catch {
    // As if it had written less.
  }
  if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

/** Words of a file, read and written one at a time. */
class FileWords {
  readonly #descriptor: number;
  readonly #word = new Int32Array(1);
  readonly #bytes = new Uint8Array(this.#word.buffer);
  readonly #fence = new Int32Array(new SharedArrayBuffer(WORD));
  /** All words as they were at the end. */
  #last: Int32Array | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  read(offset: number): number {
    if (this.#last !== undefined) return this.#last[offset / WORD]!;
    readSync(this.#descriptor, this.#bytes, 0, WORD, offset);
    return this.#word[0]!;
  }

  write(offset: number, value: number): void {
    if (this.#last !== undefined) return;
    this.#word[0] = value;
    writeSync(this.#descriptor, this.#bytes, 0, WORD, offset);
    // What is read next must not be read before this is seen: processors may otherwise swap the two.
    Atomics.add(this.#fence, 0, 1);
  }

  readBytes(offset: number, size: number): Uint8Array {
    if (this.#last !== undefined) return new Uint8Array(this.#last.buffer, offset, size);
    const bytes = new Uint8Array(size);
    readSync(this.#descriptor, bytes, 0, size, offset);
    return bytes;
  }

  writeBytes(offset: number, bytes: Uint8Array, size: number): void {
    if (this.#last !== undefined) return;
    writeSync(this.#descriptor, bytes, 0, size, offset);
    Atomics.add(this.#fence, 0, 1);
  }

  sleep(): void {
    Atomics.wait(this.#fence, 0, Atomics.load(this.#fence, 0), 1);
  }

  /** Closes the file; its words can still be read. */
  close(): void {
    if (this.#last !== undefined) return;
    const last = new Int32Array(CLAIMS_FILE_SIZE / WORD);
    readSync(this.#descriptor, last, 0, CLAIMS_FILE_SIZE, 0);
    this.#last = last;
    closeSync(this.#descriptor);
  }
}

function placeOf(slot: number): number {
  return slot % CLAIM_SLOTS;
}

function begunAt(slot: number): number {
  return BEGUN + placeOf(slot) * BEGUN_STRIDE;
}

function generationOf(slot: number): number {
  return Math.floor(slot / CLAIM_SLOTS);
}

/** The pool's side. Owns the descriptor. */
export class FileNearClaims implements NearClaims {
  readonly #words: FileWords;
  readonly #free: number[] = Array.from({ length: CLAIM_SLOTS }, (_, place) => place);
  readonly #generations = new Int32Array(CLAIM_SLOTS);

  constructor(descriptor: number) {
    this.#words = new FileWords(descriptor);
  }

  offer(): number {
    const place = this.#free.pop();
    if (place === undefined) return -1;
    const generation = (this.#generations[place]! % (GENERATIONS - 1)) + 1;
    this.#generations[place] = generation;
    return generation * CLAIM_SLOTS + place;
  }

  takeBack(slot: number): boolean {
    this.#answer(slot, ASKED);
    const hasBegun = this.#readBegun(slot);
    this.#answer(slot, hasBegun ? DENIED : GRANTED);
    return !hasBegun;
  }

  #answer(slot: number, answer: number): void {
    this.#words.write(WANTED_BACK + placeOf(slot) * WORD, answerWord(slot, answer));
  }

  #readBegun(slot: number): boolean {
    return this.#words.read(begunAt(slot)) === generationOf(slot);
  }

  noteOf(slot: number): Uint8Array | undefined {
    const length = this.#words.read(begunAt(slot) + WORD);
    return length === 0 ? undefined : this.#words.readBytes(begunAt(slot) + 2 * WORD, length);
  }

  hasBegun(slot: number): boolean {
    if (!this.#readBegun(slot)) return false;
    // A worker says that it begins before it hears that it must not.
    return this.#words.read(WANTED_BACK + placeOf(slot) * WORD) !== answerWord(slot, GRANTED);
  }

  abort(slot: number): void {
    this.#words.write(ABORTED + placeOf(slot) * WORD, generationOf(slot));
  }

  release(slot: number): void {
    this.#free.push(placeOf(slot));
  }

  /** Whether the worker's code has called `process.abort()`. */
  get abortCalled(): boolean {
    return this.#words.read(ABORT_CALLED) !== 0;
  }

  /** Whether the worker's own code has run. */
  get hasStarted(): boolean {
    return this.#words.read(STARTED) !== 0;
  }

  /** The worker is gone. What it had begun can still be asked. */
  close(): void {
    this.#words.close();
  }
}

/** The worker's side. */
export class FileFarClaims implements FarClaims {
  readonly #words: FileWords;
  /** What is written as a task begins. */
  readonly #begun = new Uint8Array(BEGUN_STRIDE);
  readonly #begunWords = new Int32Array(this.#begun.buffer, 0, 2);

  constructor(descriptor: number) {
    this.#words = new FileWords(descriptor);
  }

  begin(slot: number, note?: Uint8Array): boolean {
    this.#begunWords[0] = generationOf(slot);
    this.#begunWords[1] = note?.byteLength ?? 0;
    if (note !== undefined) this.#begun.set(note, 2 * WORD);
    this.#words.writeBytes(begunAt(slot), this.#begun, 2 * WORD + (note?.byteLength ?? 0));
    const asked = answerWord(slot, ASKED);
    let answer = this.#readAnswer(slot);
    for (let looks = 1; answer === asked; looks += 1) {
      // The pool answers within microseconds, unless the system has put it aside.
      if (looks % LOOKS_BEFORE_SLEEP === 0) this.#words.sleep();
      answer = this.#readAnswer(slot);
    }
    return answer !== answerWord(slot, GRANTED);
  }

  #readAnswer(slot: number): number {
    return this.#words.read(WANTED_BACK + placeOf(slot) * WORD);
  }

  noteStart(): void {
    this.#words.write(STARTED, 1);
  }

  noteAbortCall(): void {
    this.#words.write(ABORT_CALLED, 1);
  }

  isAborted(slot: number): boolean {
    return this.#words.read(ABORTED + placeOf(slot) * WORD) === generationOf(slot);
  }
}

function answerWord(slot: number, answer: number): number {
  return generationOf(slot) * 4 + answer;
}
