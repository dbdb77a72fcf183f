// Instances of classes: the prototype crosses as its class does, the fields as values. Called by the walk.

import { types } from "node:util";
import { BuiltinExport, VariableCell } from "../functions/dissected.ts";
import { wholeObject } from "../functions/whole-object.ts";
import { reducerOf, type Registered } from "../reducers.ts";
import { copyProperties } from "./containers.ts";
import { describeBuiltin } from "./described.ts";
import type { AnyFunction } from "./functions.ts";
import { nodeClassName } from "./known-classes.ts";
import type { Made } from "./made.ts";
import type { Packing } from "./packing.ts";
import type { Step } from "./program.ts";
import { hasPrivateFields } from "./private-fields.ts";

/** The copy of an object that has a reducer; undefined if it has none. */
export function copyReduced(packing: Packing, value: object, prototype: object | null): Made | undefined {
  if (prototype === null) return undefined;
  const described = describeBuiltin(value, prototype);
  if (described !== undefined) return makeFrom(packing, value, described);
  const reducer = reducerOf(prototype);
  if (reducer === undefined) return undefined;
  const made = packing.remember(value, packing.newMade());
  if (reducer.sharedName !== undefined) return share(packing, reducer.sharedName, reducer, value, made);
  const step: Step = ["revive", made.index, undefined, undefined];
  step[2] = packing.copyReducer(reducer, step, 2);
  step[3] = packing.copy(reduce(packing, reducer, value), step, 3);
  packing.settle();
  packing.emit(step);
  return made;
}

/** An object of shared memory is the same on the other side, where there is such memory. */
function share(packing: Packing, name: string, reducer: Registered, value: object, made: Made): Made {
  if (packing.boundary.memory === "separate")
    packing.refuse({ what: `is a ${reducer.owner.name}, which threads can share and processes cannot`, mend: "use threads" });
  const step: Step = ["shared", made.index, name, undefined];
  step[3] = packing.copy(reduce(packing, reducer, value), step, 3);
  packing.emit(step);
  return made;
}

function reduce(packing: Packing, reducer: Registered, value: object): unknown {
  try {
    return reducer.reduce(value);
  } catch (cause) {
    return packing.refuse({ what: `is a ${reducer.owner.name} whose reducer threw`, mend: "its cause says why", cause });
  }
}

function makeFrom(packing: Packing, value: object, [name, description]: readonly [name: string, description: unknown]): Made {
  const made = packing.remember(value, packing.newMade());
  packing.emit(["builtin", made.index, name, description]);
  return made;
}

/** Copies an object with a prototype of its own. */
export function copyInstance(packing: Packing, value: object, prototype: object | null): object {
  if (prototype === VariableCell.prototype) return copyCell(packing, value as VariableCell);
  if (prototype === BuiltinExport.prototype) return packing.referTo(value, (value as BuiltinExport).template);
  const copy = packing.remember(value, {});
  const known = prototype === null ? undefined : nodeClassName(prototype);
  if (known !== undefined) packing.emit(["knownClass", copy, known]);
  else if (prototype === null) packing.emit(["prototype", copy, null]);
  else if (!isPlainPrototype(prototype)) packing.givePrototype(copy, prototype, "Object");
  return copyProperties(packing, value, copy);
}

/** A captured variable: its path is the variable's, without a step of its own. */
function copyCell(packing: Packing, cell: VariableCell): object {
  const copy: { value: unknown } = packing.remember(cell, { value: undefined });
  copy.value = packing.copy(cell.value, copy, "value");
  return copy;
}

/** `Object.prototype` of any realm: `vm` and Jest have their own. */
function isPlainPrototype(prototype: object): boolean {
  return prototype === Object.prototype || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "__lookupGetter__"));
}

/** Prototypes of classes that hide nothing, looked into once. Of those in `ordinary` no class is built in. */
const open = new WeakSet<object>();
const ordinary = new WeakSet<object>();

/** Whether its objects have nothing but fields, which a walk need not find out for each of them. */
export function isOrdinary(prototype: object): boolean {
  return ordinary.has(prototype) && reducerOf(prototype) === undefined;
}

/** Copies an instance of a class that is known to hide nothing. */
export function copyOrdinary(packing: Packing, value: object, prototype: object): object {
  const copy = packing.remember(value, {});
  packing.givePrototype(copy, prototype, "Object");
  return copyProperties(packing, value, copy);
}

/**
 * Refuses instances with an inside that cannot be copied: `#private` fields, or what a class of Node keeps in native
 * code. `builtinName` is the class of the language that the copy is made as; it and what is above it is no concern.
 */
export function refuseHidden(packing: Packing, prototype: object, builtinName: string): void {
  if (open.has(prototype)) return;
  let level: object | null = prototype;
  for (; level !== null && !isPlainPrototype(level); level = Object.getPrototypeOf(level) as object | null) {
    const constructor = classOf(level);
    if (constructor === undefined) continue;
    if (isNative(constructor) && constructor.name === builtinName) break;
    refuseClass(packing, constructor, builtinName);
  }
  open.add(prototype);
  if (classOf(prototype) !== undefined && level !== null && isPlainPrototype(level)) ordinary.add(prototype);
}

function refuseClass(packing: Packing, constructor: AnyFunction, builtinName: string): void {
  if (types.isProxy(constructor)) return;
  refuseBuiltin(packing, constructor, builtinName);
  if (hasPrivateFields(constructor))
    packing.refuse({
      what: `is an instance of ${constructor.name}, whose #private fields cannot be read from outside`,
      mend: `call registerReducer(${constructor.name}, { reduce, revive })`,
    });
}

/** Classes of Node whose instances are nothing but their fields. */
const PLAIN_CLASSES: ReadonlySet<string> = new Set(["EventEmitter"]);

function refuseBuiltin(packing: Packing, constructor: AnyFunction, builtinName: string): void {
  if (builtinName === "Error" || PLAIN_CLASSES.has(constructor.name)) return;
  const template = wholeObject(constructor);
  if (template === undefined) return;
  const home = template.kind === "reference" && template.loader === "require" && template.module.startsWith("node:") ? ` of ${template.module}` : "";
  if (template.kind === "global" || home !== "")
    packing.refuse({
      what: `is ${withArticle(constructor.name)}${home}, which belongs to this thread`,
      mend: "make it in the task, and send what it is made of",
    });
}

function withArticle(className: string): string {
  return `${/^[AEIO]/.test(className) ? "an" : "a"} ${className}`;
}

/** The class whose instances have this prototype. */
export function classOf(prototype: object): AnyFunction | undefined {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof constructor !== "function" || constructor.prototype !== prototype) return undefined;
  return constructor as AnyFunction;
}

/** Whether a class is one of the language, of whatever realm. */
export function isNative(constructor: object): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor));
}
