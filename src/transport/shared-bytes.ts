// A large, mostly empty piece of memory that a pool and its worker processes both see, into which large values are
// written and out of which they are read. It has no name, and takes up only what has been written to it.
//
// Where `koffi` is installed the bytes are mapped into both processes. Where it is not, the same memory is written and read
// as a file that never touches a disk: half as fast, and twice as fast as a socket. The other side opens it by the
// descriptor that its creator has, through /proc.

import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { messageOf } from "../contract/message-of.ts";
import { createMemoryFile, FETCH_PAGES, HUGE_PAGES, mapShared, systemCalls, type Address, type SystemCalls } from "./system-calls.ts";
import { warmMemory } from "./warm-memory.ts";
import { UNNAMED } from "./unnamed-file.ts";

export interface SharedBytes {
  /** Of the memory, in the process that has it from here. */
  readonly descriptor: number;
  readonly size: number;
  /** Where `koffi` is, if the bytes are mapped. */
  readonly place: string | undefined;
  /** Why they are not mapped. */
  readonly reason: string | undefined;
  /** False if there is no room for it. */
  write(at: number, bytes: Uint8Array): boolean;
  /** A buffer of its own, with anything in it, to read into. */
  allocate(size: number): Uint8Array<ArrayBuffer>;
  /** Fills it with what is there. */
  readInto(target: Uint8Array, at: number): void;
  /** What is there, to be read at once. */
  view(at: number, size: number): Uint8Array;
  /** One of the words at the start. */
  word(index: number): number;
  setWord(index: number, value: number): void;
  /** Gives back to the system what lies behind `end`. Nobody may be reading there. */
  shrink(end: number): void;
  close(): void;
}

/** A buffer of its own with what is there. */
export function readBytes(memory: SharedBytes, at: number, size: number): ArrayBuffer {
  const bytes = memory.allocate(size);
  memory.readInto(bytes, at);
  return bytes.buffer;
}

export interface NoSharedBytes {
  readonly reason: string;
}

/** Bytes at the start that hold words. */
export const WORDS_SIZE = 4096;

/** Bytes from which on a buffer is asked to be of huge pages: the system hands these out several times as fast. */
const HUGE_FROM = 4 * 1024 * 1024;

/** Bytes from which on a smaller one's pages are asked for at once, if it is of new memory. Smaller: asking takes as long as it saves. */
const FETCHED_FROM = 128 * 1024;

/** Where memory begins that the allocator has never handed out: it takes the lowest that is free. */
let newFrom: Address = 0n;

/** Bytes written or read at once: systems refuse, or silently shorten, 2 GiB and more. */
const LARGEST_STEP = 1024 * 1024 * 1024;

/** Creates such memory, of which `size` bytes, whole pages, can be used at most. */
export function createSharedBytes(size: number): SharedBytes | NoSharedBytes {
  if (process.platform !== "linux") return { reason: `shared memory is available on Linux only, not on ${process.platform}` };
  const calls = systemCalls(undefined);
  if ("reason" in calls) return createFileBytes(size, calls.reason);
  const descriptor = createMemoryFile(calls, "dure-values");
  if (typeof descriptor !== "number") return createFileBytes(size, descriptor.reason);
  return sized(descriptor, size, () => mapBytes(calls, descriptor, size));
}

function createFileBytes(size: number, whyNotMapped: string): SharedBytes | NoSharedBytes {
  try {
    const descriptor = openSync("/dev/shm", UNNAMED | constants.O_RDWR, 0o600);
    return sized(descriptor, size, () => {
      // They are written with every message: only values may find that there is no room.
      writeSync(descriptor, new Uint8Array(WORDS_SIZE), 0, WORDS_SIZE, 0);
      return new FileBytes(descriptor, size, whyNotMapped);
    });
  } catch (error) {
    return { reason: `${whyNotMapped}, and a file in /dev/shm cannot be opened instead: ${messageOf(error)}` };
  }
}

function sized(descriptor: number, size: number, open: () => SharedBytes): SharedBytes | NoSharedBytes {
  try {
    ftruncateSync(descriptor, size);
    return open();
  } catch (error) {
    closeSync(descriptor);
    return { reason: messageOf(error) };
  }
}

/** How another process finds the memory. */
export interface SharedBytesPlace {
  readonly pid: number;
  readonly descriptor: number;
  readonly size: number;
  readonly place: string | undefined;
}

export function placeOf({ descriptor, size, place }: SharedBytes): SharedBytesPlace {
  return { pid: process.pid, descriptor, size, place };
}

/** The memory that another process has created and told us of. */
export function openSharedBytes({ pid, descriptor: theirs, size, place }: SharedBytesPlace): SharedBytes | NoSharedBytes {
  try {
    const descriptor = openSync(`/proc/${pid}/fd/${theirs}`, "r+");
    const calls = place === undefined ? { reason: "the pool has not mapped it" } : systemCalls(place);
    return "reason" in calls ? new FileBytes(descriptor, size, calls.reason) : mapBytes(calls, descriptor, size);
  } catch (error) {
    return { reason: `the worker cannot open shared memory: ${messageOf(error)}` };
  }
}

/** What cannot be mapped, as a limit of the system forbids it, can still be read and written. */
function mapBytes(calls: SystemCalls, descriptor: number, size: number): SharedBytes {
  const address = mapShared(calls, descriptor, size);
  if (typeof address !== "bigint") return new FileBytes(descriptor, size, address.reason);
  try {
    return new MappedBytes(calls, descriptor, address, size);
  } catch (error) {
    // Electron allows no buffers over memory that is not its own.
    calls.unmap(address, size);
    return new FileBytes(descriptor, size, `this runtime refuses to map shared memory: ${messageOf(error)}`);
  }
}

/** Memory that this process sees as its own. */
class MappedBytes implements SharedBytes {
  readonly descriptor: number;
  readonly size: number;
  readonly place: string;
  readonly reason = undefined;
  readonly #calls: SystemCalls;
  readonly #address: Address;
  readonly #words: Int32Array;
  #isClosed = false;

  constructor(calls: SystemCalls, descriptor: number, address: Address, size: number) {
    this.#calls = calls;
    this.place = calls.place;
    this.descriptor = descriptor;
    this.#address = address;
    this.size = size;
    this.#words = new Int32Array(calls.view(address, WORDS_SIZE));
  }

  write(at: number, bytes: Uint8Array): boolean {
    this.#calls.copy(this.#address + BigInt(at), bytes, bytes.byteLength);
    return true;
  }

  allocate(size: number): Uint8Array<ArrayBuffer> {
    const bytes = warmMemory(this.#calls.allocator)?.allocate(size) ?? Buffer.allocUnsafeSlow(size);
    if (size >= HUGE_FROM) this.#advise(bytes, HUGE_PAGES);
    else if (size >= FETCHED_FROM) this.#fetchIfNew(bytes);
    return bytes;
  }

  readInto(target: Uint8Array, at: number): void {
    this.#calls.copy(target, this.#address + BigInt(at), target.byteLength);
  }

  view(at: number, size: number): Uint8Array {
    return new Uint8Array(this.#calls.view(this.#address + BigInt(at), size));
  }

  /** One page after another, when each is first written to, takes the system nearly twice as long. */
  #fetchIfNew(bytes: Uint8Array): void {
    const end = this.#calls.addressOf(bytes) + BigInt(bytes.byteLength);
    if (end <= newFrom) return;
    newFrom = end;
    this.#advise(bytes, FETCH_PAGES);
  }

  /** A system that knows nothing of it goes on as it would. */
  #advise(bytes: Uint8Array, advice: number): void {
    const start = (this.#calls.addressOf(bytes) + 4095n) & ~4095n;
    this.#calls.advise(start, (bytes.byteLength - 4096) & ~4095, advice);
  }

  word(index: number): number {
    return this.#isClosed ? 0 : Atomics.load(this.#words, index);
  }

  setWord(index: number, value: number): void {
    if (!this.#isClosed) Atomics.store(this.#words, index, value);
  }

  shrink(end: number): void {
    if (!this.#isClosed) shrinkFile(this.descriptor, end, this.size);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#calls.unmap(this.#address, this.size);
    closeSync(this.descriptor);
  }
}

/** The same memory by system calls. */
class FileBytes implements SharedBytes {
  readonly descriptor: number;
  readonly size: number;
  readonly place = undefined;
  readonly reason: string;
  readonly #word = new Int32Array(1);
  #isClosed = false;

  constructor(descriptor: number, size: number, reason: string) {
    this.descriptor = descriptor;
    this.size = size;
    this.reason = reason;
  }

  write(at: number, bytes: Uint8Array): boolean {
    try {
      for (let done = 0; done < bytes.byteLength; ) done += writeSync(this.descriptor, bytes, done, stepFrom(done, bytes.byteLength), at + done);
      return true;
    } catch {
      // No room on /dev/shm, which is small in many containers.
      return false;
    }
  }

  allocate(size: number): Uint8Array<ArrayBuffer> {
    return Buffer.allocUnsafeSlow(size);
  }

  readInto(target: Uint8Array, at: number): void {
    for (let done = 0; done < target.byteLength; ) {
      const count = readSync(this.descriptor, target, done, stepFrom(done, target.byteLength), at + done);
      if (count === 0) throw new RangeError("Cannot read the value as it is not in shared memory any more");
      done += count;
    }
  }

  view(at: number, size: number): Uint8Array {
    return new Uint8Array(readBytes(this, at, size));
  }

  word(index: number): number {
    if (this.#isClosed) return 0;
    readSync(this.descriptor, this.#word, 0, 4, 4 * index);
    return this.#word[0]!;
  }

  setWord(index: number, value: number): void {
    if (this.#isClosed) return;
    this.#word[0] = value;
    writeSync(this.descriptor, this.#word, 0, 4, 4 * index);
  }

  shrink(end: number): void {
    if (!this.#isClosed) shrinkFile(this.descriptor, end, this.size);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.descriptor);
  }
}

function stepFrom(done: number, size: number): number {
  return Math.min(size - done, LARGEST_STEP);
}

/** Cut off and made long again at once: what was cut off is zeros, which take up nothing. */
function shrinkFile(descriptor: number, end: number, size: number): void {
  ftruncateSync(descriptor, end);
  ftruncateSync(descriptor, size);
}
