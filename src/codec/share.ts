// Values that are sent once per worker, however many tasks use them: which they are. How they cross is in values/shares.ts.

import { sharedState } from "./shared-state.ts";

interface Shared {
  readonly values: WeakSet<object>;
  /** Until something is, nobody looks. */
  isUsed: boolean;
}

/** Asked for by `share` each time, so that it can itself cross by value. */
function shares(): Shared {
  return sharedState("shares.1", () => ({ values: new WeakSet(), isUsed: false }));
}

const shared: Shared = shares();

/**
 * Says that many tasks use a large value, so that it is sent once to each worker, and not with each task. Tasks get the
 * value itself, wherever it is in what they are given: an argument, a part of one, a captured variable. On rungs that run
 * in the caller's own thread it is the same object as ever.
 *
 * All tasks of one worker get the same object there: they must only read it, or they disturb each other. What is
 * changed in the caller afterwards is not seen by workers that have the value already. `SharedArrayBuffer`s in it stay
 * shared between threads. A worker that replaces another is sent it again. When nothing in the caller refers to it any
 * more, workers forget it, too. A captured value may be of any size.
 *
 * @example
 * ```ts
 * const table = share(await loadTable());
 * const found = await pool.map((key: string) => table.get(key), keys);
 * ```
 *
 * @param value An object of any kind that can cross: an array, a plain object, a Map, a typed array, an instance of a class. A
 *   shared value inside of it is a part of it as any other.
 * @returns The same value.
 * @throws {TypeError} If the value is a primitive or a function.
 */
export function share<T extends object>(value: T): T {
  if (typeof value !== "object" || value === null)
    throw new TypeError(`Cannot share the value as it is ${described(value)}: share an object, such as one that holds it`);
  Object.assign(shares(), { isUsed: true }).values.add(value);
  return value;
}

function described(value: unknown): string {
  if (typeof value === "function") return "a function, which is sent once per worker anyway";
  return value === null || value === undefined ? String(value) : `a ${typeof value}`;
}

/** Whether a value is sent once per worker. */
export function isShared(value: object): boolean {
  return shared.isUsed && shared.values.has(value);
}
