// Packs arguments and results: primitives at no cost, trees by the short way, all else by the walk.

import type { Packed } from "../crossing.ts";
import { takeMoves } from "../move.ts";
import type { PackingBoundary } from "./packing.ts";
import { copyTree, LARGE_TREE } from "./tree-copy.ts";
import { packAsBytes } from "./tree-bytes.ts";
import { packByWalk } from "./walk.ts";

const NOTHING: readonly never[] = Object.freeze([]);

/** Throws a `SerializationError` that names what cannot cross. Nothing has then been moved. */
export function packValue(boundary: PackingBoundary, value: unknown, root: string, transfer: readonly object[] = NOTHING): Packed {
  if (transfer.length === 0 && isPrimitive(value)) return { value, coded: false, templates: NOTHING, transfer: NOTHING };
  const moved = takeMoves(value, root === "args");
  if (moved.length > 0 || transfer.length > 0) return packByWalk(boundary, value, root, [...new Set([...transfer, ...moved])]);
  if (typeof value !== "object") return packByWalk(boundary, value, root, NOTHING);
  const copy = copyTree(value as object, root === "args", boundary.writesTrees === true);
  if (copy === LARGE_TREE) return packAsBytes(boundary, value as object) ?? packByWalk(boundary, value, root, NOTHING);
  if (copy !== undefined) return { value: copy, coded: false, templates: NOTHING, transfer: NOTHING };
  return packByWalk(boundary, value, root, NOTHING);
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
