// The short way for closures of a place in the source that is known, made afresh for each task: workers are sent one
// function that makes them, and with each task the values of its variables, like arguments. The maker itself captures what
// is the same each time: functions, modules, shared values.

import type { Packed, PackedCall, PackedFunction } from "../crossing.ts";
import { captureValue } from "../functions/capture.ts";
import { BuiltinExport, type CapturedVariable, type SourceFunction } from "../functions/dissected.ts";
import { readClosure, type NotedClosure, type NotedPlace } from "../functions/noted-closures.ts";
import { wholeObject } from "../functions/whole-object.ts";
import { isShared } from "../share.ts";
import type { AnyFunction } from "./functions.ts";
import { isPlainList, packTask } from "./pack-value.ts";
import { Packing, type PackingBoundary } from "./packing.ts";

/** The makers of one packer: the latest of each place. */
export class Makers {
  readonly #boundary: PackingBoundary;
  readonly #makers = new WeakMap<NotedPlace, Maker>();

  constructor(boundary: PackingBoundary) {
    this.#boundary = boundary;
  }

  /** Undefined for a function that must be packed as any other; what is wrong with it, that then says. */
  made(fn: AnyFunction): MadeFunction | undefined {
    const closure = readClosure(fn);
    if (closure === undefined) return undefined;
    try {
      return this.#makerFor(fn, closure).made(closure.values);
    } catch {
      return undefined;
    }
  }

  #makerFor(fn: AnyFunction, { place, values }: NotedClosure): Maker {
    const known = this.#makers.get(place);
    if (known?.serves(values) === true) return known;
    const maker = new Maker(this.#boundary, fn, place, values);
    this.#makers.set(place, maker);
    return maker;
  }
}

/** A function by its maker, and the values that the maker needs. */
export class MadeFunction {
  readonly #maker: PackedFunction;
  readonly #given: readonly unknown[];

  constructor(maker: PackedFunction, given: readonly unknown[]) {
    this.#maker = maker;
    this.#given = given;
  }

  /** Undefined for arguments that are more than data: the values cannot be put before them. */
  callWith(args: Packed): PackedCall | undefined {
    return isPlainList(args) ? { fn: this.#maker, args: { ...args, value: [...this.#given, ...args.value] } } : undefined;
  }
}

class Maker {
  readonly #boundary: PackingBoundary;
  readonly #place: NotedPlace;
  readonly #isGiven: readonly boolean[];
  /** What it captures, in the order of all variables; of an object of which only functions are read, these. */
  readonly #fixed: readonly unknown[];
  /** Undefined where what it captures may be different next time. */
  readonly #packed: PackedFunction | undefined;

  constructor(boundary: PackingBoundary, fn: AnyFunction, place: NotedPlace, values: readonly unknown[]) {
    const variables = place.captured.map((variable, index) => captureValue(variable, values[index]));
    const fixed = variables.filter((variable) => isFixed(variable));
    this.#boundary = boundary;
    this.#place = place;
    this.#isGiven = variables.map((variable) => !fixed.includes(variable));
    this.#fixed = variables.map((variable, index) => (this.#isGiven[index] === true ? undefined : partsOf(variable, values[index])));
    this.#packed = fixed.every((variable) => staysTheSame(boundary, variable)) ? this.#pack(fn, fixed) : undefined;
  }

  #pack(fn: AnyFunction, variables: readonly CapturedVariable[]): PackedFunction {
    const { captured, templates } = this.#place;
    const template = templates.makerFor(fn.name, captured, this.#isGiven);
    const maker: SourceFunction = {
      kind: "source",
      template,
      eager: [],
      variables,
      superclass: undefined,
      properties: [],
      privateStatics: [],
      constant: true,
    };
    const { dissect } = this.#boundary;
    const boundary: PackingBoundary = { ...this.#boundary, dissect: (each, ...rest) => (each === fn ? maker : dissect(each, ...rest)) };
    return { ...packTask(boundary, fn).packed, given: this.#isGiven.filter(Boolean).length };
  }

  /** Whether it makes the closure that has these values. */
  serves(values: readonly unknown[]): boolean {
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      const isAsExpected = this.#isGiven[index] === true ? typeof value !== "function" : this.#hasFixed(index, value);
      if (!isAsExpected) return false;
    }
    return true;
  }

  #hasFixed(index: number, value: unknown): boolean {
    const known = this.#fixed[index];
    return known instanceof Members ? known.areOf(value) : known === value;
  }

  made(values: readonly unknown[]): MadeFunction | undefined {
    const packed = this.#packed;
    if (packed === undefined) return undefined;
    const given: unknown[] = [];
    let hasObject = false;
    for (let index = 0; index < values.length; index += 1) {
      if (this.#isGiven[index] !== true) continue;
      const value = values[index];
      if (typeof value === "object" && value !== null) hasObject = true;
      else if (typeof value === "symbol" || (typeof value === "string" && value.length > this.#boundary.maxCaptureSize)) return undefined;
      given.push(value);
    }
    const copied = hasObject ? this.#copy(packed.name, given) : given;
    return copied && new MadeFunction(packed, copied);
  }

  #copy(by: string, given: readonly unknown[]): readonly unknown[] | undefined {
    const variables = this.#place.captured.filter((_, index) => this.#isGiven[index]);
    const packed = new Packing(this.#boundary, "fn").packVariables(
      by,
      variables.map((variable, index) => captureValue(variable, given[index])),
    );
    return isPlainList(packed) ? packed.value : undefined;
  }
}

/** Functions that are read of an object, which may get others. */
class Members {
  readonly #object: object;
  readonly #functions: readonly (readonly [name: string, value: unknown])[];

  constructor(object: object, names: readonly string[]) {
    this.#object = object;
    this.#functions = names.map((name) => [name, (object as Record<string, unknown>)[name]]);
  }

  areOf(object: unknown): boolean {
    return object === this.#object && this.#functions.every(([name, value]) => (object as Record<string, unknown>)[name] === value);
  }
}

function partsOf({ properties }: CapturedVariable, value: unknown): unknown {
  return properties === undefined ? value : new Members(value as object, properties);
}

/** Whether it is no data that each closure has of its own. */
function isFixed({ value, properties }: CapturedVariable): boolean {
  if (typeof value === "function" || typeof value === "symbol" || value instanceof BuiltinExport) return true;
  if (typeof value !== "object" || value === null) return false;
  if (properties !== undefined) return properties.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
  return isShared(value) || wholeObject(value) !== undefined;
}

/** Whether it is packed into the same each time, as long as it is the same. */
function staysTheSame(boundary: PackingBoundary, variable: CapturedVariable): boolean {
  const { value, properties } = variable;
  const parts = properties?.map((name) => ({ ...variable, value: (value as Record<string, unknown>)[name], properties: undefined }));
  return (parts ?? [variable]).every((part) => {
    const packing = new Packing(boundary, "fn");
    packing.packVariables("", [part]);
    return packing.constant;
  });
}
