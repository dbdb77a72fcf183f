// A function that makes closures of one place in the source: it is given their variables that are data, and captures the
// others. Used by the makers of a packer.

import type { PackedFunction } from "../crossing.ts";
import { captureRead } from "../functions/capture.ts";
import { nameOf } from "../functions/live-state.ts";
import { BuiltinExport, type CapturedVariable, type CellTable, type SourceFunction } from "../functions/dissected.ts";
import type { NotedPlace } from "../functions/noted-closures.ts";
import { wholeObject } from "../functions/whole-object.ts";
import { isShared } from "../share.ts";
import type { AnyFunction } from "./functions.ts";
import { isPlainList } from "./pack-value.ts";
import { Packing, type PackingBoundary } from "./packing.ts";
import { packTask } from "./walk.ts";

/** There are none in places that have makers. */
const NO_CELLS: CellTable = new Map();

export class Maker {
  /** Undefined where what it captures may be different next time. */
  readonly packed: PackedFunction | undefined;
  readonly #boundary: PackingBoundary;
  readonly #place: NotedPlace;
  /** Of each variable. */
  readonly #isGiven: readonly boolean[];
  /** Of each variable that it captures: the value, or what is read of it. */
  readonly #captured: readonly unknown[];

  /** `values`: those of `fn`, a closure of the place. */
  constructor(boundary: PackingBoundary, fn: AnyFunction, place: NotedPlace, values: readonly unknown[]) {
    const variables = place.captured.map((variable, index) => captureRead(variable, values[index], NO_CELLS));
    const captured = variables.filter((variable) => !isData(variable));
    this.#boundary = boundary;
    this.#place = place;
    this.#isGiven = variables.map((variable) => isData(variable));
    this.#captured = variables.map((variable, index) => (isData(variable) ? undefined : partsOf(variable, values[index])));
    this.packed = captured.every((variable) => staysTheSame(boundary, variable)) ? this.#pack(fn, captured) : undefined;
  }

  #pack(fn: AnyFunction, captured: readonly CapturedVariable[]): PackedFunction {
    const maker: SourceFunction = {
      kind: "source",
      template: this.#place.templates.makerFor(nameOf(fn), this.#place.captured, this.#isGiven),
      eager: [],
      variables: captured,
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
      if (this.#isGiven[index] === true ? typeof value === "function" : !this.#hasCaptured(index, value)) return false;
    }
    return true;
  }

  #hasCaptured(index: number, value: unknown): boolean {
    const captured = this.#captured[index];
    return captured instanceof FunctionsOf ? captured.areOf(value) : captured === value;
  }

  /** Those of the values that it is to be given, as they are now; undefined if they are more than data, or too large. */
  pick(values: readonly unknown[]): readonly unknown[] | undefined {
    const given: unknown[] = [];
    let hasObject = false;
    for (let index = 0; index < values.length; index += 1) {
      if (this.#isGiven[index] !== true) continue;
      const value = values[index];
      if (typeof value === "object" && value !== null) hasObject = true;
      else if (typeof value === "symbol" || (typeof value === "string" && value.length > this.#boundary.maxCaptureSize)) return undefined;
      given.push(value);
    }
    return hasObject ? this.#copy(given) : given;
  }

  /** Together, as one may lead to another. */
  #copy(given: readonly unknown[]): readonly unknown[] | undefined {
    const variables = this.#place.captured.filter((_, index) => this.#isGiven[index]).map((variable, index) => captureRead(variable, given[index], NO_CELLS));
    const packed = new Packing(this.#boundary, "fn").packVariables(this.packed?.name ?? "", variables);
    return isPlainList(packed) ? packed.value : undefined;
  }
}

/** Functions that are read of an object, which may be given others. */
class FunctionsOf {
  readonly #object: object;
  readonly #functions: readonly (readonly [name: string, value: unknown])[];

  constructor(object: object, names: readonly string[]) {
    this.#object = object;
    this.#functions = names.map((name) => [name, memberOf(object, name)]);
  }

  areOf(object: unknown): boolean {
    return object === this.#object && this.#functions.every(([name, value]) => memberOf(this.#object, name) === value);
  }
}

function partsOf({ properties }: CapturedVariable, value: unknown): unknown {
  return properties === undefined ? value : new FunctionsOf(value as object, properties);
}

/** Whether each closure may have another, which crosses as arguments do. */
function isData({ value, properties }: CapturedVariable): boolean {
  if (typeof value === "function" || typeof value === "symbol" || value instanceof BuiltinExport) return false;
  if (typeof value !== "object" || value === null) return true;
  if (properties !== undefined) return !properties.every((name) => typeof memberOf(value, name) === "function");
  return !isShared(value) && wholeObject(value) === undefined;
}

/** Whether it is packed into the same each time, as long as it is the same. */
function staysTheSame(boundary: PackingBoundary, variable: CapturedVariable): boolean {
  const { value, properties } = variable;
  const parts = properties?.map((name) => ({ ...variable, value: memberOf(value as object, name), properties: undefined }));
  return (parts ?? [variable]).every((part) => {
    const packing = new Packing(boundary, "fn");
    packing.packVariables("", [part]);
    return packing.constant;
  });
}

function memberOf(object: object, name: string): unknown {
  return (object as Record<string, unknown>)[name];
}
