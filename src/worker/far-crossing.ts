// How functions and values cross on the side of a real worker.

import { createPacker, createUnpacker, type Boundary } from "../codec/codec.ts";
import type { FarCrossing } from "./far-side.ts";

/** Bytes that one captured variable of a function may take that comes back as a result. */
const MAX_CAPTURE_SIZE = 1024 * 1024;

export function createFarCrossing(memory: Boundary["memory"]): FarCrossing {
  const boundary: Boundary = { memory, maxCaptureSize: MAX_CAPTURE_SIZE };
  // A result is sent once, so that copies of its large buffers can move.
  return { packer: createPacker({ ...boundary, sendsOnce: true }), unpacker: createUnpacker() };
}
