// Instances of classes: the prototype crosses as its class does, the fields as values. Called by the walk.

import { types } from "node:util";
import { reducerOf } from "../reducers.ts";
import { copyProperties } from "./containers.ts";
import type { Made, Packing } from "./packing.ts";
import type { Step } from "./program.ts";
import { hasPrivateFields } from "./private-fields.ts";

/** Objects of these classes are made anew from a description. */
const DESCRIBED: ReadonlyMap<object, readonly [name: string, describe: (value: never) => unknown]> = new Map<
  object,
  readonly [string, (value: never) => unknown]
>([
  [URL.prototype, ["URL", (url: URL) => url.href]],
  [URLSearchParams.prototype, ["URLSearchParams", (parameters: URLSearchParams) => parameters.toString()]],
]);

/** The copy of an object that has a reducer; undefined if it has none. */
export function copyReduced(packing: Packing, value: object, prototype: object | null): Made | undefined {
  if (prototype === null) return undefined;
  const described = DESCRIBED.get(prototype);
  if (described !== undefined) return describe(packing, value, described[0], described[1]);
  const reducer = reducerOf(prototype);
  if (reducer === undefined) return undefined;
  const made = packing.remember(value, packing.newMade());
  const step: Step = ["revive", made.index, undefined, undefined];
  step[2] = packing.copyReducer(reducer, step, 2);
  step[3] = packing.copy(reducer.reduce(value), step, 3);
  packing.settle();
  packing.emit(step);
  return made;
}

function describe(packing: Packing, value: object, name: string, describeIt: (value: never) => unknown): Made {
  const made = packing.remember(value, packing.newMade());
  packing.emit(["builtin", made.index, name, describeIt(value as never)]);
  return made;
}

/** Copies an object with a prototype of its own. */
export function copyInstance(packing: Packing, value: object, prototype: object | null): object {
  refuseHidden(packing, prototype);
  const copy = packing.remember(value, {});
  if (prototype === null) packing.emit(["prototype", copy, null]);
  else if (!isPlainPrototype(prototype)) packing.givePrototype(copy, prototype, "Object");
  return copyProperties(packing, value, copy);
}

/** `Object.prototype` of any realm: `vm` and Jest have their own. */
function isPlainPrototype(prototype: object): boolean {
  return prototype === Object.prototype || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "__lookupGetter__"));
}

function refuseHidden(packing: Packing, prototype: object | null): void {
  for (let level = prototype; level !== null && level !== Object.prototype; level = Object.getPrototypeOf(level) as object | null) {
    const constructor = classOf(level);
    if (constructor === undefined || types.isProxy(constructor)) continue;
    if (hasPrivateFields(constructor))
      packing.refuse({
        what: `is an instance of ${constructor.name}, whose #private fields cannot be read from outside`,
        mend: `call registerReducer(${constructor.name}, { reduce, revive })`,
      });
  }
}

/** The class whose instances have this prototype. */
export function classOf(prototype: object): { readonly name: string; readonly prototype: object } | undefined {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof constructor !== "function" || constructor.prototype !== prototype) return undefined;
  return constructor as never;
}

/** Whether a class is one of the language, of whatever realm. */
export function isNative(constructor: object): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor));
}
