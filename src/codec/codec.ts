// The codec as pools and workers use it: one packer and one unpacker per connection. Executors and worker entries make
// them.

import { SerializationError } from "../contract/errors.ts";
import type { Boundary } from "./boundary.ts";
import type { PackedFunction, Packer, Unpacker } from "./crossing.ts";
import type { Template } from "./template.ts";
import { packErrorSafely } from "./values/error-report.ts";
import { packValue } from "./values/pack-value.ts";
import type { Coded } from "./values/program.ts";
import { Unpacking } from "./values/unpacking.ts";

export type { Boundary } from "./boundary.ts";

function packFunction(boundary: Boundary, fn: { readonly name: string }): PackedFunction {
  void boundary;
  throw new SerializationError(`Cannot send the function ${fn.name}`, { path: fn.name });
}

/** The sending half of the codec. */
export function createPacker(boundary: Boundary): Packer {
  return {
    packFunction: (fn) => packFunction(boundary, fn),
    pack: (value, path, transfer) => packValue(boundary, value, path, transfer),
    packError: (error) => packErrorSafely(boundary, error),
  };
}

/** The receiving half of the codec. */
export function createUnpacker(boundary: Boundary): Unpacker {
  void boundary;
  return {
    define: (templates: readonly Template[]) => void templates,
    unpack: ({ value, coded }) => (coded ? new Unpacking().run(value as Coded) : value),
  };
}
