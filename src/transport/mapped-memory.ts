// Memory that a pool and its worker process both see, without a name: nothing is left of it when both are gone. It needs
// Linux and `koffi`, a package that calls the system's own functions, which is loaded when memory is first asked for and
// not before: loading it takes some milliseconds.
//
// The pool creates it and hands its descriptor to the worker. The last page says where `koffi` is, as a worker may not
// find it from where its own code is.

import { closeSync, fstatSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { messageOf } from "../contract/message-of.ts";
import { createMemoryFile, mapShared, PRIVATE_NOTHING_FIXED, READ_AND_WRITE, systemCalls, type Address, type SystemCalls } from "./system-calls.ts";

/** Memory, as this process sees it. */
export interface MappedMemory {
  /** Must never be moved elsewhere. Reads as zeros once the memory has been released. */
  readonly buffer: ArrayBuffer;
  /** Of the memory, open for as long as it has not been released. */
  readonly descriptor: number;
  /** This process needs it no more. The other side keeps what it has. */
  release(): void;
}

/** Why there is none. */
export interface NoMappedMemory {
  readonly reason: string;
}

/** Bytes of the last page, which holds where `koffi` is. */
const PLACE_SIZE = 4096;

/** Creates memory of at least `size` bytes, all zeros. */
export function createMappedMemory(size: number): MappedMemory | NoMappedMemory {
  const calls = systemCalls(undefined);
  if ("reason" in calls) return calls;
  const descriptor = createMemoryFile(calls, "dure");
  if (typeof descriptor !== "number") return descriptor;
  const created = orReason(() => {
    ftruncateSync(descriptor, size + PLACE_SIZE);
    writeSync(descriptor, `${calls.place}\0`, size);
    return map(calls, descriptor, size);
  });
  if ("reason" in created) closeSync(descriptor);
  return created;
}

/** The memory behind a descriptor that this process was given. The descriptor is closed when it is released. */
export function openMappedMemory(descriptor: number): MappedMemory | NoMappedMemory {
  return orReason(() => {
    const size = fstatSync(descriptor).size - PLACE_SIZE;
    const calls = systemCalls(readPlace(descriptor, size));
    return "reason" in calls ? calls : map(calls, descriptor, size);
  });
}

function orReason(open: () => MappedMemory | NoMappedMemory): MappedMemory | NoMappedMemory {
  try {
    return open();
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

function readPlace(descriptor: number, size: number): string {
  const bytes = Buffer.alloc(PLACE_SIZE);
  readSync(descriptor, bytes, 0, PLACE_SIZE, size);
  return bytes.toString("utf8", 0, bytes.indexOf(0));
}

function map(calls: SystemCalls, descriptor: number, size: number): MappedMemory | NoMappedMemory {
  const address = mapShared(calls, descriptor, size);
  if (typeof address !== "bigint") return address;
  let buffer: ArrayBuffer;
  try {
    buffer = calls.view(address, size);
  } catch (error) {
    calls.unmap(address, size);
    return { reason: `this runtime refuses memory that is not its own: ${messageOf(error)}` };
  }
  return new Mapping(calls, { buffer, descriptor, address, size });
}

interface Place {
  readonly buffer: ArrayBuffer;
  readonly descriptor: number;
  readonly address: Address;
  readonly size: number;
}

class Mapping implements MappedMemory {
  readonly buffer: ArrayBuffer;
  readonly descriptor: number;
  readonly #calls: SystemCalls;
  readonly #address: Address;
  readonly #size: number;
  #isReleased = false;

  constructor(calls: SystemCalls, { buffer, descriptor, address, size }: Place) {
    this.buffer = buffer;
    this.descriptor = descriptor;
    this.#calls = calls;
    this.#address = address;
    this.#size = size;
    addresses.register(buffer, () => void calls.unmap(address, size));
  }

  /** The addresses stay taken until nobody has the buffer any more: who reads a forgotten view must not crash the process. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#calls.map(this.#address, this.#size, READ_AND_WRITE, PRIVATE_NOTHING_FIXED, -1, 0);
    closeSync(this.descriptor);
  }
}

const addresses = new FinalizationRegistry<() => void>((unmap) => unmap());
