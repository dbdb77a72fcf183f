// Large trees cross as bytes: they are written once, when they are packed, and read by the receiver. A copy made of objects would
// be walked again to be sent.

import type { Boundary } from "../boundary.ts";
import type { Packed } from "../crossing.ts";
import { LARGEST_TREE, TreeWriter } from "../trees/tree-writer.ts";
import type { Coded, Step } from "./program.ts";

const NOTHING: readonly never[] = Object.freeze([]);

/** One that nobody writes with: a getter of the value may pack another. */
let idle: TreeWriter | undefined;

/** Undefined if the value is no tree of data, which the walk then sees. */
export function packAsBytes(boundary: Boundary, value: object): Packed | undefined {
  const writer = idle ?? new TreeWriter();
  idle = undefined;
  try {
    return writer.writeAll([value], LARGEST_TREE, "unseen") < 0 ? undefined : packedBytes(boundary, writer.bytes);
  } catch {
    // A getter that throws, or no memory: the walk finds it again and says where it is.
    return undefined;
  } finally {
    writer.forget();
    idle = writer;
  }
}

function packedBytes({ payloads, sharedCopies, memory, sendsOnce }: Boundary, bytes: Uint8Array): Packed {
  const stored = payloads !== undefined && bytes.byteLength >= payloads.worthFrom ? payloads.put(bytes) : undefined;
  if (stored !== undefined) return { ...coded(["stored", 0, stored.at, stored.size], ["tree", 1, 0]), stored: [stored] };
  if (sharedCopies !== undefined) {
    const copy = sharedCopies.copy(bytes);
    return { ...coded(["tree", 1, copy.memory]), stored: [copy] };
  }
  const { buffer } = new Uint8Array(bytes);
  // Between threads it is empty once sent.
  return { ...coded(["bytes", 0, buffer], ["tree", 1, 0]), transfer: memory === "separate" || sendsOnce === true ? [buffer] : NOTHING };
}

/** `program`: what makes the value, as its second thing. */
function coded(...program: Step[]): Packed {
  const value: Coded = [undefined, program];
  program.push(["put", value, 0, 1]);
  return { value, coded: true, templates: NOTHING, transfer: NOTHING };
}
