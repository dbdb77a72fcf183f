// The crossing of rungs that run in the caller's own thread without `isolate`: nothing is copied, as in a plain call.

import type { Packed, PackedFunction, Packer, Unpacker } from "./crossing.ts";

const NOTHING: readonly never[] = Object.freeze([]);

/** Hands values over as they are. `transfer` does nothing: there is no other side that they could move to. */
export function createByReferencePacker(): Packer {
  return { packFunction: handOverFunction, packCall: (fn, args) => ({ fn: handOverFunction(fn), args: handOver(args) }), pack: handOver, packError: handOver };
}

/** Takes values as they are. */
export function createByReferenceUnpacker(): Unpacker {
  return { define: () => undefined, forget: () => {}, unpack: ({ value }) => value };
}

function handOver(value: unknown): Packed {
  return { value, coded: false, templates: NOTHING, transfer: NOTHING };
}

function handOverFunction(fn: (...args: never[]) => unknown): PackedFunction {
  // Constant: it is the same function however its variables change.
  return { value: fn, coded: false, templates: NOTHING, transfer: NOTHING, name: fn.name, key: fn, constant: true };
}
