// Packs arguments and results: primitives at no cost, all else by a walk; moves what the caller lists in `transfer`.

import { types } from "node:util";
import { SerializationError } from "../../contract/errors.ts";
import type { Packed, PackedFunction } from "../crossing.ts";
import type { Dissected } from "../functions/dissected.ts";
import type { AnyFunction } from "./functions.ts";
import { takeMoves } from "../move.ts";
import { copyTree } from "./tree-copy.ts";
import { Moves } from "./moves.ts";
import { NOTHING, Packing, type PackingBoundary } from "./packing.ts";

/** Throws a `SerializationError` that names what cannot cross. Nothing has then been moved. */
export function packValue(boundary: PackingBoundary, value: unknown, root: string, transfer: readonly object[] = NOTHING): Packed {
  if (transfer.length === 0 && isPrimitive(value)) return { value, coded: false, templates: NOTHING, transfer: NOTHING };
  const moved = takeMoves(value, root === "args");
  if (moved.length > 0 || transfer.length > 0) return packWithMoves(boundary, value, root, [...new Set([...transfer, ...moved])]);
  const copy = typeof value === "object" ? copyTree(value as object, root === "args") : undefined;
  if (copy !== undefined) return { value: copy, coded: false, templates: NOTHING, transfer: NOTHING };
  return walk(new Packing(boundary, root), value);
}

/** A list that is sent as it is. */
export interface PlainList extends Packed {
  readonly value: readonly unknown[];
}

/** Whether it is a list that needs nothing but structured clone. */
export function isPlainList(packed: Packed): packed is PlainList {
  const { value, coded, templates, transfer, stored } = packed;
  return !coded && templates.length === 0 && transfer.length === 0 && stored === undefined && Array.isArray(value);
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol");
}

/**
 * Packs the function of a task, and says whether packing this very function again would give the same. Throws a
 * `SerializationError` that names what cannot cross.
 */
export function packTask(boundary: PackingBoundary, fn: AnyFunction): { readonly packed: PackedFunction; readonly isFixed: boolean } {
  const packing = new Packing(boundary, "fn");
  const { dissected, isBare, value, coded, templates, transfer } = guard(packing, () => packing.packTask(fn));
  const isFixed = packing.constant;
  const packed = { value, coded, templates, transfer, name: packing.nameOf(fn), key: locationOf(dissected) ?? fn, constant: isFixed && isBare };
  return { packed, isFixed };
}

/** Equal for all functions of one place in the source. */
function locationOf(dissected: Dissected | undefined): number | undefined {
  return dissected === undefined || dissected.kind === "bound" ? undefined : dissected.template.id;
}

/** Two walks: what is moved is gone from the sender, so that all must be known to cross before anything moves. */
function packWithMoves(boundary: PackingBoundary, value: unknown, root: string, transfer: readonly object[]): Packed {
  transfer.forEach((object, index) => checkMovable(boundary, object, index));
  const moves = new Moves(transfer);
  walk(new Packing(boundary, root, moves), value);
  if (moves.stray >= 0) refuseMove(moves.stray, `is not in ${root}`, "list only what is passed");
  moves.moveNow();
  return walk(new Packing(boundary, root, moves), value);
}

function walk(packing: Packing, value: unknown): Packed {
  return guard(packing, () => packing.pack(value));
}

/** A throw from inside the walk that is not ours is a stack overflow or a fault of a user's getter, reducer or proxy. */
function guard<T>(packing: Packing, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    packing.letGo();
    if (cause instanceof SerializationError) throw cause;
    return packing.refuse({ what: "could not be read", mend: "its cause says why", cause });
  }
}

function checkMovable(boundary: PackingBoundary, object: unknown, index: number): void {
  if (types.isArrayBuffer(object)) {
    if (isDetached(object)) refuseMove(index, "has already been transferred", "transfer a buffer once");
    return;
  }
  if (ArrayBuffer.isView(object)) refuseMove(index, `is a ${object.constructor.name}, and only whole buffers can move`, "list its `buffer`");
  if (types.isSharedArrayBuffer(object)) refuseMove(index, "is a SharedArrayBuffer, which is shared and never moves", "leave it out of `transfer`");
  if (typeof object !== "object" || object === null) refuseMove(index, `is ${String(object)}`, "list ArrayBuffers and ports");
  if (boundary.memory === "separate") refuseMove(index, `is a ${object.constructor?.name}, which can be moved to threads only`, "use threads");
}

function isDetached(buffer: ArrayBuffer): boolean {
  try {
    return buffer.byteLength === 0 && new Uint8Array(buffer).length !== 0;
  } catch {
    return true;
  }
}

function refuseMove(index: number, what: string, mend: string): never {
  const path = `transfer[${index}]`;
  throw new SerializationError(`Cannot move ${path} as it ${what}: ${mend}`, { path });
}
