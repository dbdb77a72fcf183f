// Functions and classes inside values: taken apart by `dissect`, their captured variables walked like any value. Called
// by the walk.

import { SerializationError } from "../../contract/errors.ts";
import { isClass } from "../functions/dissect.ts";
import type { CapturedVariable, Dissected, FunctionRole, OwnProperty, SourceFunction } from "../functions/dissected.ts";
import { identityOf, isFromElsewhere } from "./class-identity.ts";
import { fixedClass, keepFixedClass } from "./fixed-classes.ts";
import { classOf } from "./instances.ts";
import type { Made } from "./made.ts";
import type { Packing } from "./packing.ts";
import type { Step, StepOf } from "./program.ts";

export type AnyFunction = (...args: never[]) => unknown;

/** Copies a function; returns what it was taken apart into. */
export function copyFunction(packing: Packing, fn: AnyFunction, role: FunctionRole): { readonly made: Made; readonly dissected: Dissected | undefined } {
  const made = packing.remember(fn, packing.newMade());
  const identity = isClass(fn) || isConstructor(fn) ? identityOf(fn) : undefined;
  const dissected = dissect(packing, fn, role, identity);
  if (dissected === undefined) packing.emit(["function", made.index, undefined, [], identity, true]);
  else emitFunction(packing, fn, made, dissected, identity);
  return { made, dissected };
}

/** A class of before there were classes, told by what its prototype has or inherits from. */
function isConstructor(fn: AnyFunction): boolean {
  const { prototype } = fn as { prototype?: unknown };
  if (typeof prototype !== "object" || prototype === null || classOf(prototype) !== fn) return false;
  return Reflect.ownKeys(prototype).length > 1 || Object.getPrototypeOf(Object.getPrototypeOf(prototype) ?? {}) !== null;
}

/** Undefined for a class that cannot be taken apart here, but came from elsewhere: there it is known by its identity. */
function dissect(packing: Packing, fn: AnyFunction, role: FunctionRole, identity: string | undefined): Dissected | undefined {
  const fixed = identity === undefined ? undefined : fixedClass(fn);
  if (fixed !== undefined) return fixed;
  try {
    return packing.boundary.dissect(fn, packing.pathText, role, packing.cells);
  } catch (error) {
    if (error instanceof SerializationError && identity !== undefined && isFromElsewhere(identity)) return undefined;
    throw error;
  }
}

function emitFunction(packing: Packing, fn: AnyFunction, made: Made, dissected: Dissected, identity: string | undefined): void {
  switch (dissected.kind) {
    case "whole":
      packing.needTemplate(dissected.template);
      return packing.emit(["function", made.index, dissected.template.id, [], identity, true]);
    case "bound":
      return emitBound(packing, made, dissected);
    case "source":
      return emitSource(packing, fn, made, dissected, identity);
  }
}

function emitBound(packing: Packing, made: Made, { target, boundThis, boundArgs }: Extract<Dissected, { kind: "bound" }>): void {
  const args: unknown[] = [];
  const step: StepOf<"bound"> = ["bound", made.index, undefined, undefined, args];
  packing.copyFunctionTo(target, "bound", step, 2);
  step[3] = packing.copyAt("[[BoundThis]]", boundThis, step, 3);
  boundArgs.forEach((arg, index) => args.push(packing.copyAt({ boundArgument: index }, arg, args, index)));
  packing.emit(step);
}

function emitSource(packing: Packing, fn: AnyFunction, made: Made, source: SourceFunction, identity: string | undefined): void {
  const eager: unknown[] = [];
  const step: StepOf<"function"> = ["function", made.index, source.template.id, eager, identity, true];
  packing.needTemplate(source.template);
  for (const value of source.eager) eager.push(packing.copy(value, eager, eager.length));
  packing.emit(step);
  const wasFixed = packing.isFixed;
  packing.isFixed = hasFixedParts(source);
  if (!source.constant) packing.constant = false;
  emitParts(packing, fn, made, source);
  // A class whose parts may be others next time is made anew each time.
  step[5] = made.isFixed = packing.isFixed;
  if (identity !== undefined && packing.isFixed) keepFixedClass(fn, source);
  packing.isFixed &&= wasFixed;
}

function hasFixedParts({ variables, properties, privateStatics }: SourceFunction): boolean {
  return properties.length === 0 && privateStatics.length === 0 && variables.every((variable) => variable.constant);
}

function emitParts(packing: Packing, fn: AnyFunction, made: Made, source: SourceFunction): void {
  if (source.variables.length === 0 && source.superclass === undefined && source.properties.length === 0 && source.privateStatics.length === 0) return;
  const properties: unknown[] = [];
  const privateStatics: unknown[] = [];
  const superclass: [unknown] | undefined = source.superclass && [undefined];
  const by = packing.nameOf(fn);
  const variables = copyVariables(packing, by, source.variables);
  const step: Step = ["complete", made.index, variables, superclass, properties, privateStatics];
  if (superclass !== undefined) superclass[0] = packing.copyAt({ captured: `${by}'s superclass`, by }, source.superclass?.value, superclass, 0);
  for (const property of source.properties) properties.push(copyOwnProperty(packing, by, property));
  for (const value of source.privateStatics)
    privateStatics.push(packing.copyAt({ captured: `a private static field of ${by}`, by }, value, privateStatics, privateStatics.length));
  packing.emitLast(step);
}

export function copyVariables(packing: Packing, by: string, variables: readonly CapturedVariable[]): unknown[] {
  const copies: unknown[] = [];
  for (const variable of variables) copies.push(copyVariable(packing, by, variable, copies));
  return copies;
}

function copyVariable(packing: Packing, by: string, variable: CapturedVariable, holder: unknown[]): unknown {
  const step = { captured: variable.name, by };
  const { value, properties } = variable;
  return packing.limitSize(step, () => {
    if (typeof value !== "object" || value === null) return packing.copy(value, holder, holder.length);
    if (properties === undefined) return packing.copyCaptured(value, holder, holder.length);
    return packing.copyPart(value, properties, holder, holder.length);
  });
}

function copyOwnProperty(packing: Packing, by: string, { on, key, value, isAccessor, enumerable }: OwnProperty): object {
  const copy = { on, key: undefined as unknown, value: undefined as unknown, isAccessor, enumerable };
  const name = typeof key === "symbol" ? `[${String(key)}]` : `.${key}`;
  copy.key = packing.copy(key, copy, "key");
  copy.value = packing.limitSize({ captured: `${by}${on === "prototype" ? ".prototype" : ""}${name}`, by }, () => packing.copy(value, copy, "value"));
  return copy;
}
