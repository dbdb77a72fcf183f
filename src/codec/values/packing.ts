// Packs one value: a walk that copies plain objects and arrays, so that later changes do not show, and writes a program
// for whatever structured clone would lose. Kinds of objects have files of their own; this one owns the walk.

import { types } from "node:util";
import { SerializationError } from "../../contract/errors.ts";
import type { Boundary, Dissect, HeldBytes, PayloadStore, SharedCopies } from "../boundary.ts";
import type { Packed } from "../crossing.ts";
import type { CapturedVariable, CellTable, Dissected, FunctionRole } from "../functions/dissected.ts";
import { nextTemplateId } from "../functions/template-ids.ts";
import { wholeObject } from "../functions/whole-object.ts";
import { isShared } from "../share.ts";
import type { GlobalTemplate, ReferenceTemplate, Template } from "../template.ts";
import { copyBuffer } from "./buffers.ts";
import { classOf, copyOrdinary, isNative, isOrdinary, refuseHidden } from "./instances.ts";
import { copyArray, copyProperties, copyProperty } from "./containers.ts";
import { copyBuiltinObject } from "./builtin-objects.ts";
import { Made } from "./made.ts";
import type { Moves } from "./moves.ts";
import { copyFunction, copyVariables, type AnyFunction } from "./functions.ts";
import { describePath, lastCaptured, type CapturedKey, type PathKey } from "./path.ts";
import type { Coded, Step, StepOf } from "./program.ts";
import { refusalOf } from "./refusal.ts";
import { Seen } from "./seen.ts";
import type { Shares } from "./shares.ts";
import { wellKnownName } from "./symbols.ts";

/** Nothing to define, nothing to move: shared, so that most packs allocate no list. */
export const NOTHING: readonly never[] = Object.freeze([]);

/**
 * Levels of nesting that structured clone's own recursion gets; what is deeper is cut off and grafted on again by the
 * receiver. Larger: structured clone overflows (from about 1,000 levels on, less on a stack that is nearly full).
 */
const MAX_DEPTH = 200;

/** A part of the value that is too deep to be walked where it is. */
interface DeepPart {
  readonly value: object;
  readonly holder: object;
  readonly key: string | number;
  readonly place: PathPlace;
}

/** Where a postponed part is: the path from the last such place. A list of whole paths would grow with depth squared. */
interface PathPlace {
  readonly outer: PathPlace | undefined;
  readonly keys: readonly PathKey[];
}

/** An object of which a function reads some properties only. */
interface PartialCapture {
  readonly value: object;
  readonly properties: readonly string[];
  readonly holder: object;
  readonly key: string | number;
  readonly place: PathPlace;
}

/** A boundary and how functions are taken apart. */
export interface PackingBoundary extends Boundary {
  readonly dissect: Dissect;
  /** Values that travel once per receiver. */
  readonly shares?: Shares | undefined;
  /** Whether buffers are sent from where they are, instead of as they are now. */
  readonly keepsBuffers?: boolean;
}

/** A packed function, and what it was taken apart into. */
export interface PackedTask extends Packed {
  /** Of a bound function: its target. */
  readonly dissected: Dissected | undefined;
  /** Whether it crosses with nothing of its own: all functions of its place in the source are the same. */
  readonly isBare: boolean;
}

/** How far a pack was, to go back to. */
export interface Progress {
  readonly seen: number;
  readonly steps: number;
  readonly templates: number;
  readonly transfer: number;
  readonly stored: number;
  readonly path: readonly [place: PathPlace | undefined, keys: PathKey[], length: number];
  readonly depth: number;
  readonly deepParts: readonly DeepPart[] | undefined;
  readonly lastSteps: readonly Step[] | undefined;
  readonly partials: readonly PartialCapture[] | undefined;
  readonly instances: ReadonlyMap<AnyFunction, { readonly targets: object[]; readonly count: number }>;
}

export class Packing {
  readonly boundary: PackingBoundary;
  readonly root: string;
  /** From `#place`. */
  path: PathKey[] = [];
  #place: PathPlace | undefined = undefined;
  /** False as soon as something was copied that may be different the next time. */
  constant = true;
  /** The same for the class that is being walked, whose source may hide that it has state. */
  isFixed = true;
  /** Captured variables that functions assign, shared by the functions of this pack. */
  get cells(): CellTable {
    return (this.#cells ??= new Map());
  }
  #cells: CellTable | undefined = undefined;
  readonly moves: Moves | undefined;
  readonly #seen: Seen = new Seen();
  /** Bytes met so far, roughly, and how many there may be: captured variables are limited. */
  #size = 0;
  #sizeLimit = Infinity;
  #depth = 0;
  #made = 0;
  #program: Step[] | undefined = undefined;
  /** Whether nothing was met twice. */
  #isTree = true;
  #hasOddLists = false;
  #templates: Template[] | undefined = undefined;
  #transfer: object[] | undefined = undefined;
  #stored: HeldBytes[] | undefined = undefined;
  #deepParts: DeepPart[] | undefined = undefined;
  /** Steps that need all before them: fillings of Maps and Sets, captured variables. */
  #lastSteps: Step[] | undefined = undefined;
  #partials: PartialCapture[] | undefined = undefined;
  /** The targets of the one step for each class. */
  #instances: Map<AnyFunction, object[]> | undefined = undefined;
  /** Captured objects may hold builtin modules, which look like plain objects; arguments and results hardly do. */
  #isFunction = false;
  /** Of a bound task: what counts is where its target is from. */
  #dissectedTarget: Dissected | undefined = undefined;

  constructor(boundary: PackingBoundary, root: string, moves?: Moves) {
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
    const holder: Coded = [undefined, []];
    holder[0] = this.copy(value, holder, 0);
    return this.#finish(holder);
  }

  #finish(holder: Coded): Packed {
    this.settle();
    const templates = this.#templates ?? NOTHING;
    const transfer = this.#transfer ?? NOTHING;
    if (this.#program === undefined && this.#isTree && !this.#hasOddLists) return { value: holder[0], coded: false, templates, transfer };
    holder[1] = this.#program ?? [];
    if (this.#hasOddLists) holder[2] = true;
    const packed = { value: holder, coded: true, templates, transfer };
    return this.#stored === undefined ? packed : { ...packed, stored: this.#stored };
  }

  /** The copy to store at `holder[key]`; undefined if the receiver will put it there. */
  copy(value: unknown, holder: object, key: string | number): unknown {
    switch (typeof value) {
      case "object":
        return value === null ? null : this.#copyObject(value, holder, key);
      case "function":
        return this.copyFunctionTo(value as AnyFunction, "value", holder, key);
      case "symbol":
        return this.#copySymbol(value, holder, key);
      case "string":
        this.grow(value.length);
        return value;
      default:
        return value;
    }
  }

  #copyObject(value: object, holder: object, key: string | number): unknown {
    const known = this.#known(value) ?? this.#referToShared(value);
    if (known !== undefined) return known instanceof Made ? this.put(known, holder, key) : known;
    if (this.#depth === MAX_DEPTH) return this.#postpone(value, holder, key);
    this.constant = this.isFixed = false;
    this.#depth += 1;
    const copy = this.#copyNewObject(value);
    this.#depth -= 1;
    return copy instanceof Made ? this.put(copy, holder, key) : copy;
  }

  /** The copy of what has been met before. */
  #known(value: object): unknown {
    const known = this.#seen.get(value);
    if (known !== undefined) this.#isTree = false;
    return known;
  }

  /** What is being copied has holes, or properties beside its items. */
  hasOddList(): void {
    this.#hasOddLists = true;
  }

  /** What is sent once per worker takes no room in any message, and is the same each time. */
  #referToShared(value: object): Made | undefined {
    const { shares } = this.boundary;
    if (shares === undefined || !isShared(value)) return undefined;
    const { template, needs } = shares.of(value, () => this.#packShared(value));
    for (const needed of needs) this.needTemplate(needed);
    this.needTemplate(template);
    const made = this.remember(value, this.newMade());
    this.emit(["function", made.index, template.id, [], undefined, true]);
    return made;
  }

  #packShared(value: object): Packed {
    const whole = { ...this.boundary, shares: undefined, payloads: undefined, sharedCopies: undefined, maxCaptureSize: Infinity, keepsBuffers: true };
    return new Packing(whole, this.pathText).pack(value);
  }

  #copyNewObject(value: object): unknown {
    if (types.isProxy(value)) this.refuse(refusalOf(value)!);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#copyPlainObject(value);
    if (Array.isArray(value)) return copyArray(this, value, prototype as object | null);
    if (prototype !== null && isOrdinary(prototype as object)) return copyOrdinary(this, value, prototype as object);
    return copyBuiltinObject(this, value, prototype as object | null);
  }

  #copyPlainObject(value: object): unknown {
    // `Math` and its like are plain objects, with nothing enumerable but a tag under a symbol.
    const whole = this.#isFunction || Symbol.toStringTag in value ? this.copyWhole(value) : undefined;
    return whole ?? copyProperties(this, value, this.remember(value, {}));
  }

  /** An object that the receiver has by the same name: `Math`, `process`, a builtin module. */
  copyWhole(value: object): Made | undefined {
    const template = value === globalThis ? globalTemplate() : wholeObject(value);
    return template === undefined ? undefined : this.referTo(value, template);
  }

  /** What stands for `value` is what the receiver has under the template's name. */
  referTo(value: object, template: ReferenceTemplate | GlobalTemplate): Made {
    const made = this.remember(value, this.newMade());
    this.needTemplate(template);
    this.emit(["function", made.index, template.id, [], undefined, true]);
    return made;
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
    (this.#deepParts ??= []).push({ value, holder, key, place: this.#here() });
  }

  #here(): PathPlace {
    return { outer: this.#place, keys: [...this.path] };
  }

  /** Walks something that was postponed, as if the walk were still where it was found. */
  #at(place: PathPlace, walk: () => void): void {
    const [outer, path] = [this.#place, this.path];
    this.#place = place;
    this.path = [];
    walk();
    this.#place = outer;
    this.path = path;
  }

  #wholePath(): PathKey[] {
    const pieces: (readonly PathKey[])[] = [this.path];
    for (let place = this.#place; place !== undefined; place = place.outer) pieces.push(place.keys);
    return pieces.reverse().flat();
  }

  copyBufferOf(buffer: ArrayBufferLike): ArrayBufferLike | Made {
    return (this.#known(buffer) as ArrayBufferLike | Made | undefined) ?? copyBuffer(this, buffer);
  }

  /** Puts bytes down where the receiver sees them; undefined if they must go with the message. */
  store(payloads: PayloadStore, bytes: Uint8Array): Made | undefined {
    const stored = payloads.put(bytes);
    if (stored === undefined) return undefined;
    (this.#stored ??= []).push(stored);
    const made = this.newMade();
    this.emit(["stored", made.index, stored.at, stored.size]);
    return made;
  }

  /** Copies bytes into memory that threads share, out of which each receiver makes a buffer of its own. */
  share(copies: SharedCopies, bytes: Uint8Array): Made {
    const copy = copies.copy(bytes);
    (this.#stored ??= []).push(copy);
    const made = this.newMade();
    this.emit(["copy", made.index, copy.memory, bytes.byteLength]);
    return made;
  }

  /** A view on a buffer that the receiver makes. */
  viewOn(buffer: Made, className: string, offset: number, length: number): Made {
    const made = this.newMade();
    const step: StepOf<"view"> = ["view", made.index, className, undefined, offset, length];
    this.put(buffer, step, 3);
    this.emit(step);
    return made;
  }

  /** Makes a copy of bytes Node's `Buffer`. */
  beBuffer(bytes: object): void {
    const step: StepOf<"knownClass"> = ["knownClass", undefined, "Buffer"];
    this.#target(bytes, step);
    this.emit(step);
  }

  /** Nobody will receive what has been packed. */
  letGo(): void {
    for (const stored of this.#stored?.splice(0) ?? NOTHING) stored.letGo();
  }

  /** Gives the copy the prototype that the original has: that of a class, or an object like any other. */
  givePrototype(target: object, prototype: object | null, builtinName: string): void {
    const constructor = prototype === null ? undefined : classOf(prototype);
    if (constructor !== undefined && constructor.name === builtinName && isNative(constructor)) return;
    if (prototype !== null) refuseHidden(this, prototype, builtinName);
    if (constructor !== undefined && !(target instanceof Made)) return this.#addInstance(target, constructor);
    const step: Step = constructor === undefined ? ["prototype", undefined, undefined] : ["instance", undefined, undefined];
    this.#target(target, step);
    if (constructor === undefined) step[2] = this.copy(prototype, step, 2);
    else this.#copyClass(constructor, step);
    this.emit(step);
  }

  /** What a class captured is named by itself; if the class cannot cross at all, it is the instance that is refused. */
  #copyClass(constructor: AnyFunction, step: Step): void {
    try {
      this.copyFunctionTo(constructor, "value", step, 2);
    } catch (cause) {
      if (!(cause instanceof SerializationError) || cause.path !== this.pathText) throw cause;
      this.refuse({
        what: `is an instance of ${this.nameOf(constructor)}, whose class cannot cross`,
        mend: "send a plain object with what is needed of it",
        cause,
      });
    }
  }

  #addInstance(target: object, constructor: AnyFunction): void {
    const known = this.#instances?.get(constructor);
    if (known !== undefined) return void known.push(target);
    const step: StepOf<"instances"> = ["instances", [target], undefined];
    this.#copyClass(constructor, step);
    this.emit(step);
    // Only now: the class may lead to an instance of it, whose step must not come before the class.
    (this.#instances ??= new Map()).set(constructor, step[1]);
  }

  #target(target: object, step: Step): void {
    if (target instanceof Made) this.put(target, step, 1);
    else Object.assign(step, { 1: target });
  }

  /** Counts bytes of what is being walked. */
  grow(bytes: number): void {
    this.#size += bytes;
    if (this.#size > this.#sizeLimit) this.#refuseSize();
  }

  /** Walks a captured variable, which may not be larger than the limit. */
  limitSize(step: CapturedKey, walk: () => unknown): unknown {
    this.path.push(step);
    const copy = this.#limited(walk);
    this.path.pop();
    return copy;
  }

  #limited(walk: () => unknown): unknown {
    const limit = this.#sizeLimit;
    this.#sizeLimit = Math.min(limit, this.#size + this.boundary.maxCaptureSize);
    const copy = walk();
    this.#sizeLimit = limit;
    return copy;
  }

  #refuseSize(): never {
    const { maxCaptureSize } = this.boundary;
    const path = this.#wholePath();
    this.path = path.slice(0, path.findLastIndex((key) => typeof key === "object" && "captured" in key) + 1);
    this.#place = undefined;
    return this.refuse({ what: `takes more than ${maxCaptureSize} bytes (maxCaptureSize)`, mend: "pass it as an argument, or raise `maxCaptureSize`" });
  }

  /** Copies an object of which only these properties are needed, unless it is sent whole anyway. */
  copyPart(value: object, properties: readonly string[], holder: object, key: number): unknown {
    if (this.#seen.get(value) !== undefined || isShared(value)) return this.copy(value, holder, key);
    if (types.isProxy(value)) return this.refuse(refusalOf(value)!);
    this.constant = this.isFixed = false;
    (this.#partials ??= []).push({ value, properties, holder, key, place: this.#here() });
    return undefined;
  }

  /** Copies the object of a captured variable, which may be a plain object that all have by name: `fs`. */
  copyCaptured(value: object, holder: object, key: number): unknown {
    const whole = this.#seen.get(value) === undefined && !types.isProxy(value) ? this.copyWhole(value) : undefined;
    return whole === undefined ? this.copy(value, holder, key) : this.put(whole, holder, key);
  }

  /** Copies a function in its role. */
  copyFunctionTo(fn: AnyFunction, role: FunctionRole, holder: object, key: string | number): undefined {
    const known = this.#seen.get(fn) as Made | undefined;
    if (known?.isFixed === false) this.isFixed = false;
    const copied = known === undefined ? copyFunction(this, fn, role) : undefined;
    if (role === "bound" && copied !== undefined) this.#dissectedTarget ??= copied.dissected;
    this.put(known ?? copied!.made, holder, key);
  }

  /** Packs the function of a task. */
  packTask(fn: AnyFunction): PackedTask {
    const holder: Coded = [undefined, []];
    this.#isFunction = true;
    const { made, dissected } = copyFunction(this, fn, "task");
    this.put(made, holder, 0);
    const target = dissected?.kind === "bound" ? this.#dissectedTarget : dissected;
    return { ...this.#finish(holder), dissected: target, isBare: dissected !== undefined && isBare(dissected) };
  }

  /** Packs captured variables, as a list. */
  packVariables(by: string, variables: readonly CapturedVariable[]): Packed {
    const holder: Coded = [undefined, []];
    this.#isFunction = true;
    holder[0] = copyVariables(this, by, variables);
    return this.#finish(holder);
  }

  get isAtRoot(): boolean {
    return this.path.length === 0 && this.#place === undefined;
  }

  get pathText(): string {
    return describePath(this.root, this.#wholePath());
  }

  nameOf(fn: AnyFunction): string {
    const name: unknown = fn.name;
    return typeof name === "string" && name !== "" ? name : "a function";
  }

  copyReducer(reducer: object, holder: object, key: number): unknown {
    return this.copy(reducer, holder, key);
  }

  /** Finishes what was left for later, so that all steps so far can run to their end. */
  settle(): void {
    while (this.#partials !== undefined || this.#deepParts !== undefined) {
      this.#settleDeepParts();
      this.#settlePartials();
    }
    if (this.#lastSteps === undefined) return;
    const steps = this.#lastSteps;
    this.#lastSteps = undefined;
    for (const step of steps) this.emit(step);
  }

  #settleDeepParts(): void {
    const parts = this.#deepParts ?? [];
    this.#deepParts = undefined;
    // The list grows meanwhile: a part may be too deep again.
    for (const part of parts) this.#graft(part);
  }

  /** Only now: another function may have captured the same object whole. */
  #settlePartials(): void {
    const partials = this.#partials ?? [];
    this.#partials = undefined;
    const copies = new Map<object, object>();
    for (const partial of partials) this.#settlePartial(partial, copies);
  }

  #settlePartial({ value, properties, holder, key, place }: PartialCapture, copies: Map<object, object>): void {
    const known = this.#seen.get(value);
    if (known instanceof Made) return this.put(known, holder, key);
    this.#at(place, () => {
      (holder as Record<string | number, unknown>)[key] = known ?? this.#addProperties(value, properties, copies);
    });
  }

  #addProperties(value: object, properties: readonly string[], copies: Map<object, object>): object {
    const copy: Record<string, unknown> = (copies.get(value) as Record<string, unknown> | undefined) ?? {};
    copies.set(value, copy);
    this.constant = this.isFixed = false;
    this.#limited(() => {
      for (const name of properties) if (name in value && !Object.hasOwn(copy, name)) copyProperty(this, value, copy, name);
    });
    return copy;
  }

  #graft({ value, holder, key, place }: DeepPart): void {
    const depth = this.#depth;
    const stepsBefore = this.#program?.length ?? 0;
    let copy: unknown;
    this.#depth = 0;
    this.#at(place, () => {
      copy = this.copy(value, holder, key);
    });
    this.#depth = depth;
    // Nothing to graft if the part turned out to be made by the receiver: `copy` has then put it in place.
    if (copy !== undefined) (this.#program ??= []).splice(stepsBefore, 0, ["graft", holder, key, copy]);
  }

  progress(): Progress {
    return {
      seen: this.#seen.size,
      steps: this.#program?.length ?? 0,
      templates: this.#templates?.length ?? 0,
      transfer: this.#transfer?.length ?? 0,
      stored: this.#stored?.length ?? 0,
      path: [this.#place, this.path, this.path.length],
      depth: this.#depth,
      // Copies: what was left for later may be settled in between, and must then be left for later again.
      deepParts: this.#deepParts && [...this.#deepParts],
      lastSteps: this.#lastSteps && [...this.#lastSteps],
      partials: this.#partials && [...this.#partials],
      instances: new Map([...(this.#instances ?? [])].map(([constructor, targets]) => [constructor, { targets, count: targets.length }])),
    };
  }

  /** Forgets everything since then, as if it had never been walked. */
  goBack(progress: Progress): void {
    this.#seen.truncate(progress.seen);
    this.#program?.splice(progress.steps);
    if (this.#program?.length === 0) this.#program = undefined;
    this.#templates?.splice(progress.templates);
    this.#transfer?.splice(progress.transfer);
    for (const stored of this.#stored?.splice(progress.stored) ?? NOTHING) stored.letGo();
    [this.#place, this.path] = progress.path;
    this.path.length = progress.path[2];
    this.#depth = progress.depth;
    this.#deepParts = progress.deepParts && [...progress.deepParts];
    this.#lastSteps = progress.lastSteps && [...progress.lastSteps];
    this.#partials = progress.partials && [...progress.partials];
    for (const { targets, count } of progress.instances.values()) targets.length = count;
    this.#instances = new Map([...progress.instances].map(([constructor, { targets }]) => [constructor, targets]));
  }

  /** Throws for the value that is being walked, or for the part of it that `step` leads to. */
  refuse(refusal: { readonly what: string; readonly mend: string; readonly cause?: unknown }, step?: PathKey): never {
    const keys = step === undefined ? this.#wholePath() : [...this.#wholePath(), step];
    const path = describePath(this.root, keys);
    const captured = lastCaptured(keys);
    const subject = captured === undefined ? path : `${path}, which ${captured.by} captures,`;
    throw new SerializationError(`Cannot send ${subject} as it ${refusal.what}: ${refusal.mend}`, { path, cause: refusal.cause });
  }
}

let global: GlobalTemplate | undefined;

function globalTemplate(): GlobalTemplate {
  return (global ??= { kind: "global", id: nextTemplateId(), path: ["globalThis"] });
}

function isBare(dissected: Dissected): boolean {
  if (dissected.kind !== "source") return dissected.kind === "whole";
  const { eager, variables, superclass, properties, privateStatics } = dissected;
  return superclass === undefined && eager.length + variables.length + properties.length + privateStatics.length === 0;
}
