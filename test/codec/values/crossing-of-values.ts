// What a receiver gets of a value: packed, carried by structured clone, unpacked.

import { ok } from "node:assert/strict";
import { SerializationError } from "dure";
import { createPacker, createUnpacker } from "#dure/codec/codec.js";
import type { Packed } from "#dure/codec/crossing.js";

export const boundary = { memory: "shared", maxCaptureSize: 1 << 20 } as const;
export const packer = createPacker(boundary);

/** Unpacks as a receiver that knows nothing yet. */
export async function receive(packed: Packed): Promise<unknown> {
  const unpacker = createUnpacker();
  const carried = structuredClone(packed.value, { transfer: packed.transfer as ArrayBuffer[] });
  await unpacker.define(structuredClone(packed.templates));
  return unpacker.unpack({ value: carried, coded: packed.coded });
}

export async function cross<T>(value: T, path = "args"): Promise<T> {
  return (await receive(packer.pack(value, path))) as T;
}

/** As `cross`, for a task's function. */
export async function crossFunction<F extends (...args: never[]) => unknown>(fn: F): Promise<F> {
  return (await receive(packer.packFunction(fn))) as F;
}

/** The error with which a value is refused. */
export function refusal(value: unknown): SerializationError {
  return refusalOf(() => packer.pack(value, "args"));
}

export function refusalOf(pack: () => unknown): SerializationError {
  try {
    pack();
  } catch (error) {
    ok(error instanceof SerializationError, error instanceof Error ? error.stack : String(error));
    return error;
  }
  throw new Error("was not refused");
}
