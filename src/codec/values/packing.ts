// Packs one value: a walk that copies plain objects and arrays, so that later changes do not show, and writes a program
// for whatever structured clone would lose. Kinds of objects have files of their own; this one owns the walk.

import { types } from "node:util";
import { SerializationError } from "../../contract/errors.ts";
import type { Boundary } from "../boundary.ts";
import type { Packed } from "../crossing.ts";
import type { Template } from "../template.ts";
import { copyBuffer } from "./buffers.ts";
import { classOf, isNative } from "./instances.ts";
import { copyArray, copyProperties } from "./containers.ts";
import { copyBuiltinObject } from "./builtin-objects.ts";
import type { Moves } from "./moves.ts";
import { describePath, type PathKey } from "./path.ts";
import type { Step } from "./program.ts";
import { refusalOf } from "./refusal.ts";
import { Seen } from "./seen.ts";

/** Nothing to define, nothing to move: shared, so that most packs allocate no list. */
export const NOTHING: readonly never[] = Object.freeze([]);

/**
 * Levels of nesting that structured clone's own recursion gets; what is deeper is cut off and grafted on again by the
 * receiver. Larger: structured clone overflows (from about 1,000 levels on, less on a stack that is nearly full).
 */
const MAX_DEPTH = 200;

/** Stands for the copy of something that the receiver has to make. */
export class Made {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/** A part of the value that is too deep to be walked where it is. */
interface DeepPart {
  readonly value: object;
  readonly holder: object;
  readonly key: string | number;
  readonly path: readonly PathKey[];
}

/** How far a pack was, to go back to. */
export interface Progress {
  readonly seen: number;
  readonly steps: number;
  readonly templates: number;
  readonly transfer: number;
  readonly path: number;
  readonly depth: number;
  readonly deepParts: readonly DeepPart[] | undefined;
  readonly lastSteps: readonly Step[] | undefined;
}

export class Packing {
  readonly boundary: Boundary;
  readonly root: string;
  readonly path: PathKey[] = [];
  /** False as soon as something was copied that may be different the next time. */
  constant = true;
  /** Bytes met so far, roughly: what the limit for captured variables is measured against. */
  size = 0;
  readonly moves: Moves | undefined;
  readonly #seen: Seen = new Seen();
  #depth = 0;
  #made = 0;
  #program: Step[] | undefined = undefined;
  #templates: Template[] | undefined = undefined;
  #transfer: object[] | undefined = undefined;
  #deepParts: DeepPart[] | undefined = undefined;
  /** Steps that need all before them: fillings of Maps and Sets, captured variables. */
  #lastSteps: Step[] | undefined = undefined;

  constructor(boundary: Boundary, root: string, moves?: Moves) {
    this.boundary = boundary;
    this.root = root;
    this.moves = moves;
  }

  /** Whether this walk only finds out if everything can cross. */
  get isTrial(): boolean {
    return this.moves?.isTrial === true;
  }

  /** Packs the whole value. */
  pack(value: unknown): Packed {
    const holder: [unknown, Step[]] = [undefined, []];
    holder[0] = this.copy(value, holder, 0);
    this.settle();
    const templates = this.#templates ?? NOTHING;
    const transfer = this.#transfer ?? NOTHING;
    if (this.#program === undefined) return { value: holder[0], coded: false, templates, transfer };
    holder[1] = this.#program;
    return { value: holder, coded: true, templates, transfer };
  }

  /** The copy to store at `holder[key]`; undefined if the receiver will put it there. */
  copy(value: unknown, holder: object, key: string | number): unknown {
    switch (typeof value) {
      case "object":
        return value === null ? null : this.#copyObject(value, holder, key);
      case "function":
        return this.refuse({ what: "is a function", mend: "pass what it returns" });
      case "symbol":
        return this.#copySymbol(value, holder, key);
      case "string":
        this.size += value.length;
        return value;
      default:
        return value;
    }
  }

  #copyObject(value: object, holder: object, key: string | number): unknown {
    const known = this.#seen.get(value);
    if (known !== undefined) return known instanceof Made ? this.put(known, holder, key) : known;
    if (this.#depth === MAX_DEPTH) return this.#postpone(value, holder, key);
    this.constant = false;
    this.#depth += 1;
    const copy = this.#copyNewObject(value);
    this.#depth -= 1;
    return copy instanceof Made ? this.put(copy, holder, key) : copy;
  }

  #copyNewObject(value: object): unknown {
    if (types.isProxy(value)) this.refuse(refusalOf(value)!);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return copyProperties(this, value, this.remember(value, {}));
    if (Array.isArray(value)) return copyArray(this, value, prototype as object | null);
    return copyBuiltinObject(this, value, prototype as object | null);
  }

  #copySymbol(symbol: symbol, holder: object, key: string | number): undefined {
    const registered = Symbol.keyFor(symbol);
    const wellKnown = registered === undefined ? wellKnownName(symbol) : undefined;
    if (registered === undefined && wellKnown === undefined) {
      this.refuse({ what: `is ${String(symbol)}, a symbol that exists in this thread only`, mend: "use Symbol.for(name), which every thread has" });
    }
    const made = this.newMade();
    this.emit(["symbol", made.index, registered !== undefined, registered ?? wellKnown ?? ""]);
    return this.put(made, holder, key);
  }

  /** Walks one level down for the copy of a part. `holder[key]` is where it will be stored. */
  copyAt(step: PathKey, value: unknown, holder: object, key: string | number): unknown {
    if (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol") return this.copy(value, holder, key);
    this.path.push(step);
    const copy = this.copy(value, holder, key);
    this.path.pop();
    return copy;
  }

  /** Notes the copy before its parts are walked, as they may lead back to it. */
  remember<T>(original: object, copy: T): T {
    this.#seen.add(original, copy);
    return copy;
  }

  newMade(): Made {
    const made = new Made(this.#made);
    this.#made += 1;
    return made;
  }

  put(made: Made, holder: object, key: string | number): undefined {
    this.emit(["put", holder, key, made.index]);
  }

  emit(step: Step): void {
    (this.#program ??= []).push(step);
  }

  /** For a step that must come after all that its parts need. */
  emitLast(step: Step): void {
    (this.#lastSteps ??= []).push(step);
  }

  /** How many steps there are: if it has not grown, what was copied in between needs nothing of the receiver. */
  get stepCount(): number {
    return (this.#program?.length ?? 0) + (this.#deepParts?.length ?? 0);
  }

  needTemplate(template: Template): void {
    this.#templates ??= [];
    if (!this.#templates.includes(template)) this.#templates.push(template);
  }

  moveWithMessage(object: object): void {
    (this.#transfer ??= []).push(object);
  }

  #postpone(value: object, holder: object, key: string | number): undefined {
    (this.#deepParts ??= []).push({ value, holder, key, path: [...this.path] });
  }

  copyBufferOf(buffer: ArrayBufferLike): ArrayBufferLike {
    return (this.#seen.get(buffer) as ArrayBufferLike | undefined) ?? copyBuffer(this, buffer);
  }

  /** Gives the copy the prototype that the original has: that of a class, or an object like any other. */
  givePrototype(target: object, prototype: object | null, builtinName: string): void {
    const constructor = prototype === null ? undefined : classOf(prototype);
    if (constructor !== undefined && constructor.name === builtinName && isNative(constructor)) return;
    if (constructor !== undefined) this.refuse({ what: `is an instance of ${constructor.name}`, mend: "send a plain object" });
    const step: Step = ["prototype", undefined, undefined];
    this.#target(target, step);
    step[2] = this.copy(prototype, step, 2);
    this.emit(step);
  }

  #target(target: object, step: Step): void {
    if (target instanceof Made) this.put(target, step, 1);
    else step[1] = target as never;
  }

  copyReducer(reducer: object, holder: object, key: number): unknown {
    return this.copy(reducer, holder, key);
  }

  /** Finishes what was left for later, so that all steps so far can run to their end. */
  settle(): void {
    for (let part = this.#deepParts?.shift(); part !== undefined; part = this.#deepParts?.shift()) this.#graft(part);
    if (this.#lastSteps === undefined) return;
    const steps = this.#lastSteps;
    this.#lastSteps = undefined;
    for (const step of steps) this.emit(step);
  }

  #graft({ value, holder, key, path }: DeepPart): void {
    const [before, depth] = [this.path.splice(0), this.#depth];
    this.path.push(...path);
    this.#depth = 0;
    const stepsBefore = this.#program?.length ?? 0;
    const copy = this.copy(value, holder, key);
    this.#depth = depth;
    // Nothing to graft if the part turned out to be made by the receiver: `copy` has then put it in place.
    if (copy !== undefined) (this.#program ??= []).splice(stepsBefore, 0, ["graft", holder, key, copy]);
    this.path.splice(0, Infinity, ...before);
  }

  progress(): Progress {
    return {
      seen: this.#seen.size,
      steps: this.#program?.length ?? 0,
      templates: this.#templates?.length ?? 0,
      transfer: this.#transfer?.length ?? 0,
      path: this.path.length,
      depth: this.#depth,
      // Copies: what was left for later may be settled in between, and must then be left for later again.
      deepParts: this.#deepParts && [...this.#deepParts],
      lastSteps: this.#lastSteps && [...this.#lastSteps],
    };
  }

  /** Forgets everything since then, as if it had never been walked. */
  goBack(progress: Progress): void {
    this.#seen.truncate(progress.seen);
    this.#program?.splice(progress.steps);
    if (this.#program?.length === 0) this.#program = undefined;
    this.#templates?.splice(progress.templates);
    this.#transfer?.splice(progress.transfer);
    this.path.splice(progress.path);
    this.#depth = progress.depth;
    this.#deepParts = progress.deepParts && [...progress.deepParts];
    this.#lastSteps = progress.lastSteps && [...progress.lastSteps];
  }

  /** Throws for the value that is being walked, or for the part of it that `step` leads to. */
  refuse(refusal: { readonly what: string; readonly mend: string; readonly cause?: unknown }, step?: PathKey): never {
    const path = describePath(this.root, step === undefined ? this.path : [...this.path, step]);
    throw new SerializationError(`Cannot send ${path} as it ${refusal.what}: ${refusal.mend}`, { path, cause: refusal.cause });
  }
}

let wellKnownNames: Map<symbol, string> | undefined;

function wellKnownName(symbol: symbol): string | undefined {
  wellKnownNames ??= new Map(
    Object.getOwnPropertyNames(Symbol).flatMap((name) => {
      const value: unknown = Reflect.get(Symbol, name);
      return typeof value === "symbol" ? [[value, name] as const] : [];
    }),
  );
  return wellKnownNames.get(symbol);
}
