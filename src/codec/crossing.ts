// How functions and values cross: the interface that pools and workers use, so that a rung chooses between copying
// (the codec) and handing over the caller's own values (serial and async without `isolate`).

import type { HeldBytes } from "./boundary.ts";
import type { Template } from "./template.ts";

/** A copy of a value, made at once and in a form that structured clone carries. Later changes to the original do not touch it. */
export interface Packed {
  readonly value: unknown;
  /**
   * Whether `unpack` must revive `value`. If not, the receiver uses it as it is, and it is a tree: no object is met twice
   * in it, and lists have nothing but their items, so that it can be written one thing after another.
   */
  readonly coded: boolean;
  /** What the receiver must have been given before it can unpack. Nearly always the same empty array. */
  readonly templates: readonly Template[];
  /**
   * What moves with the message instead of being copied. Nearly always the same empty array. Between threads it is empty
   * once sent, so that a value with anything here can be sent once only; to another process it can be sent again.
   */
  readonly transfer: readonly object[];
  /** What of it lies in memory that both sides see. Must be let go of when nobody can need the value any more. */
  readonly stored?: readonly HeldBytes[] | undefined;
}

/** A function made ready to cross, with its captured variables as they were at that moment. */
export interface PackedFunction extends Packed {
  /** For labels, errors and statistics. */
  readonly name: string;
  /** Equal for functions of the same source location: run times and batch sizes are kept by it. */
  readonly key: string | number | object;
  /**
   * Whether every function of this `key` is the same: by reference, or without captured variables. A receiver may then
   * keep one instance of it for ever, under `key`. Where it is false, the same object is given again for a function
   * that is the same each time.
   */
  readonly constant: boolean;
  /**
   * Set if this is a function that makes the task's function: it is called with so many of the first arguments, which are
   * the values of variables that the task's function captured.
   */
  readonly given?: number | undefined;
}

/** A task made ready to cross. */
export interface PackedCall {
  readonly fn: PackedFunction;
  readonly args: Packed;
}

/** The sending half. Each method throws a `SerializationError` that names what cannot cross. */
export interface Packer {
  packFunction(fn: (...args: never[]) => unknown): PackedFunction;
  /** The function and the arguments of one task. */
  packCall(fn: (...args: never[]) => unknown, args: unknown[], transfer?: readonly object[]): PackedCall;
  /** `path` is how errors name the value: `args`, `result`. */
  pack(value: unknown, path: string, transfer?: readonly object[]): Packed;
  /** Errors always cross: what cannot be rebuilt becomes a `RemoteError` with name, message and stack. Never throws. */
  packError(error: unknown): Packed;
}

/**
 * Classes that are made anew with each value, as their parts may change, by what all sides know them by. What a task's
 * arguments are instances of is the class that its function has.
 */
export type MadeClasses = Map<string, (...args: never[]) => unknown>;

/** The receiving half. Templates are those of one sender; each connection has its own. */
export interface Unpacker {
  /**
   * Takes in templates, importing the modules of those that cross by reference. Returns a promise only if it has to
   * wait. Never throws or rejects: what cannot be loaded throws its reason when a value that needs it is unpacked.
   */
  define(templates: readonly Template[]): Promise<void> | undefined;
  /** The sender does not refer to these templates any more, unless it sends them again. */
  forget(templateIds: readonly number[]): void;
  /** `classes`: those in it are used where the value has them, and those that are made for this value alone are put in. */
  unpack(packed: Pick<Packed, "value" | "coded">, classes?: MadeClasses): unknown;
}
