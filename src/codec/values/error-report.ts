// Packs whatever a task threw. Never throws: an outcome that cannot be reported would leave a future undecided.

import type { Packed } from "../crossing.ts";
import type { PackingBoundary } from "./packing.ts";
import { packValue } from "./pack-value.ts";
import { remoteErrorFor } from "./remote-error.ts";

export function packErrorSafely(boundary: PackingBoundary, error: unknown): Packed {
  try {
    return packValue(boundary, error, "error");
  } catch (reason) {
    return packValue(boundary, remoteErrorFor(error, reason), "error");
  }
}
