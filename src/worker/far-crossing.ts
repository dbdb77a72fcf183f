// How functions and values cross on the side of a real worker.

import type { PayloadSource, PayloadStore } from "../codec/boundary.ts";
import { createPacker, createUnpacker, type Boundary } from "../codec/codec.ts";
import type { Packer } from "../codec/crossing.ts";
import type { StartMessage } from "../protocol/messages.ts";
import type { FarCrossing } from "./far-side.ts";

export interface FarCodec extends FarCrossing {
  /** To be called when the start message has come: its pool says how much a function may capture that comes back. */
  configure(message: StartMessage): void;
}

export function createFarCodec(memory: Boundary["memory"], payloads?: PayloadSource & PayloadStore): FarCodec {
  // A result is sent once, so that copies of its large buffers can move.
  const create = (maxCaptureSize: number): Packer => createPacker({ memory, maxCaptureSize, sendsOnce: true, payloads, writesTrees: true });
  // Until then nothing but the error of a pool that is not understood is packed.
  let packer = create(Infinity);
  return {
    packer: {
      packFunction: (fn) => packer.packFunction(fn),
      packCall: (fn, args, transfer) => packer.packCall(fn, args, transfer),
      pack: (value, path, transfer) => packer.pack(value, path, transfer),
      packError: (error) => packer.packError(error),
    },
    unpacker: createUnpacker(payloads),
    configure: ({ maxCaptureSize }) => void (packer = create(maxCaptureSize)),
  };
}
