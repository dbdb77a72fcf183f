// Values that are moved instead of copied, wherever a value is packed: above all results, which have no `transfer` option.

import { types } from "node:util";
import { sharedState } from "./shared-state.ts";

interface Marked {
  /** By value: what moves with it. */
  readonly lists: WeakMap<object, readonly object[]>;
  /** Until something is, nobody looks. */
  isUsed: boolean;
}

const NONE: readonly never[] = Object.freeze([]);

/** Asked for by `move` each time, and not kept in a variable of its own: that would have to cross with it where it crosses by value. */
function moves(): Marked {
  return sharedState("moves.1", () => ({ lists: new WeakMap(), isUsed: false }));
}

const marked: Marked = moves();

/**
 * Marks a value so that it is moved instead of copied when it is next sent, as an argument or as the result of a task.
 * Moving takes the same short time whatever the size; the sender's buffer is empty afterwards.
 *
 * On rungs that run in the caller's own thread nothing is sent, and nothing moves. To processes the bytes are written
 * all the same, without a copy before.
 *
 * @example
 * ```ts
 * const pixels = await pool.submit((size: number) => move(new Uint8Array(size)), 1e9);
 * ```
 *
 * @param value The argument or result itself, not a part of it.
 * @param transfer What of it moves: `ArrayBuffer`s, ports. Default: the value, or the buffer that it is a view on.
 * @returns The same value.
 * @throws {TypeError} If `transfer` is missing and the value is neither a buffer nor a view on one.
 */
export function move<T extends object>(value: T, transfer?: readonly object[]): T {
  const { lists } = Object.assign(moves(), { isUsed: true });
  lists.set(value, transfer ?? [ownBuffer(value)]);
  return value;
}

function ownBuffer(value: object): object {
  if (types.isArrayBuffer(value)) return value;
  if (ArrayBuffer.isView(value) && types.isArrayBuffer(value.buffer)) return value.buffer;
  if (typeof MessagePort === "function" && value instanceof MessagePort) return value;
  throw new TypeError("Cannot move the value as it is neither an ArrayBuffer nor a view on one: say what of it moves, move(value, [buffer])");
}

/** What was marked among the arguments, or as the result. Each mark counts once. */
export function takeMoves(value: unknown, isArgumentList: boolean): readonly object[] {
  if (!marked.isUsed) return NONE;
  const candidates = isArgumentList && Array.isArray(value) ? (value as unknown[]) : [value];
  return [...new Set(candidates.flatMap(takeMove))];
}

function takeMove(value: unknown): readonly object[] {
  if (typeof value !== "object" || value === null) return [];
  const list = marked.lists.get(value) ?? [];
  marked.lists.delete(value);
  return list;
}
