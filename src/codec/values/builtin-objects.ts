// Copies every object that is neither plain nor an array: by what it is inside, whatever its prototype says. Called by
// the walk.

import { types } from "node:util";
import { copyBuffer, copyView, moved } from "./buffers.ts";
import { copyMap, copyProperties, copySet, hasOwnProperties } from "./containers.ts";
import { isError } from "./error-kinds.ts";
import { copyError } from "./errors.ts";
import { copyInstance, copyReduced } from "./instances.ts";
import type { Packing } from "./packing.ts";
import { refusalOf } from "./refusal.ts";
import { isCarriedByNode } from "./host-objects.ts";

export function copyBuiltinObject(packing: Packing, value: object, prototype: object | null): unknown {
  if (packing.moves?.has(value) === true) return types.isAnyArrayBuffer(value) ? copyBuffer(packing, value) : packing.remember(value, moved(packing, value));
  const reduced = copyReduced(packing, value, prototype);
  if (reduced !== undefined) return reduced;
  if (ArrayBuffer.isView(value)) return copyView(packing, value, prototype);
  if (types.isAnyArrayBuffer(value))
    return withPrototype(packing, copyBuffer(packing, value), prototype, types.isSharedArrayBuffer(value) ? "SharedArrayBuffer" : "ArrayBuffer");
  if (types.isMap(value)) return withOwn(packing, value, copyMap(packing, value), prototype, "Map");
  if (types.isSet(value)) return withOwn(packing, value, copySet(packing, value), prototype, "Set");
  if (types.isDate(value)) return withOwn(packing, value, packing.remember(value, new Date(Date.prototype.getTime.call(value))), prototype, "Date");
  if (types.isRegExp(value)) return copyRegExp(packing, value, prototype);
  if (isError(value)) return copyError(packing, value);
  if (types.isBoxedPrimitive(value)) return copyBoxed(packing, value, prototype);
  return copyOther(packing, value, prototype);
}

function copyOther(packing: Packing, value: object, prototype: object | null): unknown {
  if (types.isModuleNamespaceObject(value)) return copyInstance(packing, value, null);
  const refusal = refusalOf(value);
  if (refusal !== undefined) packing.refuse(refusal);
  if (types.isArgumentsObject(value)) return copyProperties(packing, value, packing.remember(value, {}));
  if (isCarriedByNode(packing, value, prototype)) return packing.remember(value, value);
  return packing.copyWhole(value) ?? copyInstance(packing, value, prototype);
}

/** Gives the copy of a built-in object what structured clone would lose: its own class and its own properties. */
function withOwn<T extends object>(packing: Packing, from: object, to: T, prototype: object | null, className: string): T {
  withPrototype(packing, to, prototype, className);
  if (hasOwnProperties(from)) packing.emit(["own", to, copyProperties(packing, from, {}), true]);
  return to;
}

function withPrototype<T extends object>(packing: Packing, to: T, prototype: object | null, className: string): T {
  if (prototype !== intrinsicPrototype(className)) packing.givePrototype(to, prototype, className);
  return to;
}

function intrinsicPrototype(className: string): unknown {
  return (Reflect.get(globalThis, className) as { prototype: unknown } | undefined)?.prototype;
}

function copyRegExp(packing: Packing, from: RegExp, prototype: object | null): RegExp {
  // By the getters of RegExp itself: a subclass may have others.
  const [source, flags] = ["source", "flags"].map((name) => String(Reflect.get(RegExp.prototype, name, from)));
  const to = packing.remember(from, new RegExp(source ?? "", flags));
  if (from.lastIndex !== 0) packing.emit(["lastIndex", to, from.lastIndex]);
  return withOwn(packing, from, to, prototype, "RegExp");
}

function copyBoxed(packing: Packing, from: object, prototype: object | null): unknown {
  if (types.isSymbolObject(from)) return copyBoxedSymbol(packing, from);
  if (types.isNumberObject(from))
    return withPrototype(packing, packing.remember(from, Object(Number.prototype.valueOf.call(from)) as object), prototype, "Number");
  if (types.isStringObject(from))
    return withPrototype(packing, packing.remember(from, Object(String.prototype.valueOf.call(from)) as object), prototype, "String");
  if (types.isBooleanObject(from))
    return withPrototype(packing, packing.remember(from, Object(Boolean.prototype.valueOf.call(from)) as object), prototype, "Boolean");
  return withPrototype(packing, packing.remember(from, Object(BigInt.prototype.valueOf.call(from)) as object), prototype, "BigInt");
}

function copyBoxedSymbol(packing: Packing, from: object): unknown {
  const made = packing.remember(from, packing.newMade());
  const step: [type: "boxedSymbol", made: number, symbol: unknown] = ["boxedSymbol", made.index, undefined];
  step[2] = packing.copy(Symbol.prototype.valueOf.call(from), step, 2);
  packing.emit(step);
  return made;
}
