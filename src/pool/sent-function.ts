// Which functions workers have been given, so that each crosses once per worker and is dropped there when no task needs
// it any more.

import type { PackedFunction } from "../codec/crossing.ts";
import type { RunTime } from "../policy/run-times.ts";
import type { WireFunction } from "../protocol/messages.ts";
import type { TaskOwner } from "./pool-task.ts";

/** Functions that are the same each time they are packed, kept at most. More: memory in each worker. Fewer: they are sent again. */
const KEPT_FUNCTIONS = 1_000;

/** What a function must be forgotten by: the workers that were given it. */
export interface FunctionHolder {
  forgetFunction(fn: SentFunction): void;
}

/** One packed function of one pool. All tasks that use it share it. */
export class SentFunction {
  /** Of its tasks. */
  readonly owner: TaskOwner;
  readonly packed: PackedFunction;
  readonly wire: WireFunction;
  /** What is known of how long its calls run. */
  readonly runTime: RunTime;
  readonly holders: Set<FunctionHolder> = new Set();
  /** Tasks, a `map` and the kept functions that need it. */
  #uses = 0;
  /** Called when nobody needs it any more. */
  onUnused: (() => void) | undefined = undefined;

  constructor(owner: TaskOwner, id: number, packed: PackedFunction, runTime: RunTime) {
    this.owner = owner;
    this.packed = packed;
    this.runTime = runTime;
    const { name, value, coded, given } = packed;
    this.wire = given === undefined ? { id, name, value, coded } : { id, name, value, coded, given };
  }

  use(): this {
    this.#uses += 1;
    return this;
  }

  /** The last one who needed it no longer does: every worker forgets it. */
  drop(): void {
    this.#uses -= 1;
    if (this.#uses > 0) return;
    for (const holder of this.holders) holder.forgetFunction(this);
    this.holders.clear();
    this.onUnused?.();
  }
}

/** The functions of one pool. */
export class SentFunctions {
  #nextId = 0;
  readonly #kept = new Map<string | number, SentFunction>();
  /** Those that are not kept, for as long as a task uses them: many submits in a row are of few functions. */
  readonly #inUse = new Map<PackedFunction | PackedFunction["key"], SentFunction>();
  readonly #owner: TaskOwner;
  readonly #runTimeOf: (key: PackedFunction["key"]) => RunTime;

  constructor(owner: TaskOwner, runTimeOf: (key: PackedFunction["key"]) => RunTime) {
    this.#owner = owner;
    this.#runTimeOf = runTimeOf;
  }

  /** The one to send for `packed`: used once already, so its user must drop it. */
  of(packed: PackedFunction): SentFunction {
    // An object as a key may be the function itself: keeping it would keep the function alive.
    if (!packed.constant || typeof packed.key === "object" || typeof packed.key === "function") return this.#inUseOf(packed);
    const kept = this.#kept.get(packed.key);
    return kept === undefined ? this.#keep(packed.key, packed) : kept.use();
  }

  #keep(key: string | number, packed: PackedFunction): SentFunction {
    if (this.#kept.size >= KEPT_FUNCTIONS) this.#dropOldest();
    const added = this.#add(packed);
    this.#kept.set(key, added.use());
    return added;
  }

  #dropOldest(): void {
    for (const [key, oldest] of this.#kept) {
      this.#kept.delete(key);
      return oldest.drop();
    }
  }

  #inUseOf(packed: PackedFunction): SentFunction {
    const identity = packed.constant ? packed.key : packed;
    const known = this.#inUse.get(identity);
    if (known !== undefined) return known.use();
    const added = this.#add(packed);
    this.#inUse.set(identity, added);
    added.onUnused = () => this.#inUse.delete(identity);
    return added;
  }

  #add(packed: PackedFunction): SentFunction {
    return new SentFunction(this.#owner, this.#nextId++, packed, this.#runTimeOf(packed.key)).use();
  }
}
