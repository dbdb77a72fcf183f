// Runs the program of a packed value: makes what structured clone could not carry and puts it in place. Called by the
// unpacker.

import type { Instance, OwnProperty } from "../functions/dissected.ts";
import type { PayloadSource } from "../boundary.ts";
import type { MadeClasses } from "../crossing.ts";
import { registerReducer, reducerOf, reviveShared, type Registered } from "../reducers.ts";
import { frameMemory } from "../trees/memory.ts";
import { TreeReader } from "../trees/tree-reader.ts";
import { adopt, classByIdentity, isFromElsewhere } from "./class-identity.ts";
import { makeDescribed } from "./described.ts";
import { ownCopy } from "./own-copy.ts";
import type { Coded, Step, StepOf } from "./program.ts";
import { viewClassNamed } from "./view-classes.ts";
import { knownPrototype } from "./known-classes.ts";

/** A place that waits for something that is made later. */
type Place = [holder: object, key: string | number];

type AnyFunction = (...args: never[]) => unknown;

/** Makes functions from templates: the far side of functions. */
export interface FunctionMaker {
  /** Throws the reason if the template's module could not be loaded, or its source not compiled. */
  instantiate(templateId: number, eager: readonly unknown[]): Instance;
}

export class Unpacking {
  readonly #made: unknown[] = [];
  readonly #isMade: boolean[] = [];
  #waiting: Map<number, Place[]> | undefined = undefined;
  /** Functions that still need their parts. */
  #incomplete: Map<number, NonNullable<Instance["complete"]>> | undefined = undefined;
  readonly #maker: FunctionMaker;
  readonly #payloads: PayloadSource | undefined;
  readonly #classes: MadeClasses | undefined;

  constructor(maker: FunctionMaker, payloads: PayloadSource | undefined, classes: MadeClasses | undefined) {
    this.#maker = maker;
    this.#payloads = payloads;
    this.#classes = classes;
  }

  run(coded: Coded): unknown {
    for (const step of coded[1]) this.#run(step);
    return coded[0];
  }

  #run(step: Step): void {
    switch (step[0]) {
      case "put":
        return this.#put(step);
      case "graft":
        return store(step[1], step[2], step[3]);
      case "symbol":
        return this.#keep(step[1], step[2] ? Symbol.for(step[3]) : (Reflect.get(Symbol, step[3]) as symbol));
      case "boxedSymbol":
        return this.#keep(step[1], Object(step[2]));
      case "stored":
        return this.#keep(step[1], this.#takeStored(step));
      case "copy":
        return this.#keep(step[1], ownCopy(step[2], step[3]));
      case "bytes":
        return this.#keep(step[1], step[2]);
      case "tree":
        return this.#keep(step[1], this.#readTree(step[2]));
      case "view":
        return this.#keep(step[1], makeView(step));
      case "builtin":
        return this.#keep(step[1], makeDescribed(step[2], step[3]));
      case "error":
        return this.#keep(step[1], makeError(step[2]));
      case "domException":
        return this.#keep(step[1], new DOMException(step[2], step[3]));
      case "instance":
        return setPrototype(step[1], (step[2] as { prototype: object }).prototype);
      case "instances":
        return giveClass(step);
      case "prototype":
        return setPrototype(step[1], step[2] as object | null);
      case "knownClass":
        return setPrototype(step[1], knownPrototype(step[2]) ?? null);
      case "own":
        return giveOwn(step);
      case "symbolKey":
        return define(step[1] as object, step[2] as symbol, step[3], true);
      case "map":
        return fillMap(step);
      case "set":
        return fillSet(step);
      case "lastIndex":
        (step[1] as RegExp).lastIndex = step[2];
        return undefined;
      case "revive":
        return this.#keep(step[1], revive(step));
      case "shared":
        return this.#keep(step[1], reviveShared(step[2], step[3]));
      case "function":
        return this.#keep(step[1], this.#makeFunction(step));
      case "bound":
        return this.#keep(step[1], Function.prototype.bind.call(step[2] as AnyFunction, step[3], ...step[4]));
      case "complete":
        return this.#complete(step);
    }
  }

  #takeStored([, , at, size]: StepOf<"stored">): ArrayBuffer {
    if (this.#payloads === undefined) throw new TypeError("Cannot receive a buffer in shared memory as there is none here");
    return this.#payloads.take(at, size);
  }

  #readTree(bytes: number | SharedArrayBuffer): unknown {
    const buffer = typeof bytes === "number" ? (this.#made[bytes] as ArrayBuffer) : bytes;
    return new TreeReader(frameMemory(buffer), 0).readAll(1)[0];
  }

  #makeFunction([, made, template, eager, identity, isFixed]: StepOf<"function">): AnyFunction {
    const known = identity === undefined ? undefined : this.#knownClass(identity, isFixed);
    if (known !== undefined) return known;
    if (template === undefined)
      throw new TypeError("Cannot receive a class as it is known neither by source nor by reference, and the one that it was sent as is gone");
    const { value, complete } = this.#maker.instantiate(template, eager);
    if (identity !== undefined) this.#adopt(value, identity, isFixed);
    if (complete !== undefined) (this.#incomplete ??= new Map()).set(made, complete);
    return value;
  }

  #knownClass(identity: string, isFixed: boolean): AnyFunction | undefined {
    const isLasting = isFixed || !isFromElsewhere(identity);
    return this.#classes?.get(identity) ?? (isLasting ? classByIdentity(identity) : undefined);
  }

  #adopt(Class: AnyFunction, identity: string, isFixed: boolean): void {
    adopt(Class, identity);
    if (!isFixed) this.#classes?.set(identity, Class);
  }

  #complete([, made, variables, superclass, properties, privateStatics]: StepOf<"complete">): void {
    const parts = { variables, superclass: superclass && { value: superclass[0] as object | null }, properties: properties as OwnProperty[], privateStatics };
    this.#incomplete?.get(made)?.(parts);
  }

  #put([, holder, key, made]: StepOf<"put">): void {
    if (this.#isMade[made] === true) return store(holder, key, this.#made[made]);
    this.#waiting ??= new Map();
    const places = this.#waiting.get(made);
    if (places === undefined) this.#waiting.set(made, [[holder, key]]);
    else places.push([holder, key]);
  }

  #keep(index: number, value: unknown): void {
    this.#made[index] = value;
    this.#isMade[index] = true;
    for (const [holder, key] of this.#waiting?.get(index) ?? []) store(holder, key, value);
    this.#waiting?.delete(index);
  }
}

function store(holder: object, key: string | number, value: unknown): void {
  if (key === "__proto__") define(holder, key, value, true);
  else (holder as Record<string | number, unknown>)[key] = value;
}

function define(target: object, key: string | symbol, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}

/** The reducer that came along serves for what is sent back, too. */
function revive([, , reducer, data]: StepOf<"revive">): object {
  const { owner, reduce, revive: make } = reducer as Registered;
  if (reducerOf(owner.prototype as object) === undefined) registerReducer(owner, { reduce, revive: make });
  return make(data);
}

function setPrototype(target: unknown, prototype: object | null): void {
  Object.setPrototypeOf(target, prototype);
}

function giveClass([, targets, constructor]: StepOf<"instances">): void {
  const { prototype } = constructor as { prototype: object };
  for (const target of targets) Object.setPrototypeOf(target, prototype);
}

function giveOwn([, target, values, enumerable]: StepOf<"own">): void {
  for (const [key, value] of Object.entries(values)) define(target as object, key, value, enumerable);
}

function makeView([, , className, buffer, offset, length]: StepOf<"view">): ArrayBufferView {
  return new (viewClassNamed(className))(buffer as ArrayBuffer, offset, length);
}

function fillMap([, target, entries]: StepOf<"map">): void {
  // Not `target.set`: the target may be of a subclass that overrides it, and has not been constructed.
  for (let index = 0; index < entries.length; index += 2) Map.prototype.set.call(target, entries[index], entries[index + 1]);
}

function fillSet([, target, members]: StepOf<"set">): void {
  for (const member of members) Set.prototype.add.call(target, member);
}

/** Its stack is given later: capturing one here would cost and show nothing but this function. */
function makeError(className: string): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    const Class = (Reflect.get(globalThis, className) ?? Error) as new (...args: unknown[]) => Error;
    return className === "AggregateError" ? new Class([]) : new Class();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
