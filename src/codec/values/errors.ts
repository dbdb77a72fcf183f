// Errors, with class, message, stack, cause and own properties. They are reports: what of them cannot cross is left out,
// and an error whose class cannot be rebuilt becomes a `RemoteError`, but an error always arrives. Called by the walk.

import { SerializationError } from "../../contract/errors.ts";
import { isDOMException, textOf } from "./error-kinds.ts";
import { knownClassName } from "./known-classes.ts";
import { remoteErrorFor } from "./remote-error.ts";
import { withoutOwnFrames } from "./own-frames.ts";
import type { Made } from "./made.ts";
import type { Packing } from "./packing.ts";
import type { Step } from "./program.ts";

/** Copies an error: the receiver makes one of the nearest built-in class, and gives it all that this one has. */
export function copyError(packing: Packing, error: Error): Made {
  const made = packing.remember(error, packing.newMade());
  if (isDOMException(error)) packing.emit(["domException", made.index, String(error.message), String(error.name)]);
  else packing.emit(["error", made.index, builtinClassOf(error)]);
  const remoteName = givePrototype(packing, error, made);
  giveProperties(packing, error, made, remoteName);
  return made;
}

const BUILTIN_CLASSES: readonly string[] = [
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "SuppressedError",
  "Error",
];

/** The nearest built-in class, by name: the error may come from another realm (`vm`, Jest). */
function builtinClassOf(error: object): string {
  for (
    let prototype: unknown = Object.getPrototypeOf(error);
    typeof prototype === "object" && prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const name = builtinPrototypeName(prototype);
    if (name !== undefined) return name;
  }
  return "Error";
}

function builtinPrototypeName(prototype: object): string | undefined {
  const constructor = ownConstructor(prototype);
  if (typeof constructor !== "function" || !BUILTIN_CLASSES.includes(constructor.name)) return undefined;
  return Function.prototype.toString.call(constructor).endsWith("{ [native code] }") ? constructor.name : undefined;
}

/** The classes of Node's own errors answer with the built-in class that they stand for, by a getter. */
function ownConstructor(prototype: object): unknown {
  try {
    return Object.hasOwn(prototype, "constructor") ? Reflect.get(prototype, "constructor") : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the name of the class if it could not cross. */
function givePrototype(packing: Packing, error: Error, made: Made): string | undefined {
  const prototype = Object.getPrototypeOf(error) as object | null;
  if (isDOMException(error) || prototype === null || builtinPrototypeName(prototype) !== undefined) return undefined;
  const known = knownClassName(prototype, error);
  if (known !== undefined) {
    packing.emit(knownClassStep(packing, made, known));
    return undefined;
  }
  return giveUserPrototype(packing, made, prototype);
}

function knownClassStep(packing: Packing, made: Made, name: string): Step {
  const step: Step = ["knownClass", undefined, name];
  packing.put(made, step, 1);
  return step;
}

function giveUserPrototype(packing: Packing, made: Made, prototype: object): string | undefined {
  const before = packing.progress();
  try {
    packing.givePrototype(made, prototype, "Error");
    return undefined;
  } catch (cause) {
    if (!(cause instanceof SerializationError)) throw cause;
    packing.goBack(before);
    return standInFor(packing, made, prototype);
  }
}

/** Node's own subclasses have no export. Their name and code say all; a class of ours would hide the code. */
const UNEXPORTED_CLASSES: readonly string[] = [
  "AbortError",
  "SystemError",
  "NodeError",
  "NodeAggregateError",
  "HideStackFramesError",
  "ConnResetException",
  "ErrnoException",
  "ExceptionWithHostPort",
  "UVExceptionWithHostPort",
  "DNSException",
];

function standInFor(packing: Packing, made: Made, prototype: object): string | undefined {
  const constructor: unknown = Reflect.get(prototype, "constructor");
  const name = typeof constructor === "function" ? constructor.name : "Error";
  if (UNEXPORTED_CLASSES.includes(name)) return undefined;
  packing.emit(knownClassStep(packing, made, "RemoteError"));
  return name;
}

/** Own properties, the hidden ones too: an AggregateError's `errors`, a `cause`, a name. */
function giveProperties(packing: Packing, error: Error, made: Made, remoteName: string | undefined): void {
  const visible: Record<string, unknown> = {};
  const hidden: Record<string, unknown> = {};
  for (const key of ownKeys(error)) {
    if (key === "stack" || (remoteName !== undefined && (key === "code" || key === "name"))) continue;
    const isVisible = Object.prototype.propertyIsEnumerable.call(error, key);
    copyErrorProperty(packing, error, key, isVisible ? visible : hidden);
  }
  if (isDOMException(error)) delete hidden["message"];
  hidden["stack"] = stackOf(error);
  if (remoteName !== undefined) giveRemoteFields(error, remoteName, visible, hidden);
  emitOwn(packing, made, hidden, false);
  if (Object.keys(visible).length > 0) emitOwn(packing, made, visible, true);
}

function stackOf(error: Error): string | undefined {
  try {
    const { stack } = error;
    return stack === undefined ? undefined : withoutOwnFrames(String(stack));
  } catch {
    return undefined;
  }
}

function giveRemoteFields(error: Error, remoteName: string, visible: Record<string, unknown>, hidden: Record<string, unknown>): void {
  visible["code"] = "DURE_REMOTE";
  visible["remoteName"] = remoteName;
  hidden["message"] ??= textOf(() => error.message);
}

function ownKeys(error: object): string[] {
  return Reflect.ownKeys(error).filter((key) => typeof key === "string");
}

/** A property that throws when it is read, or that cannot cross, is left out. */
function copyErrorProperty(packing: Packing, error: object, key: string, to: Record<string, unknown>): void {
  const before = packing.progress();
  try {
    const value: unknown = Reflect.get(error, key);
    const copy = key === "errors" && Array.isArray(value) ? copyErrors(packing, value) : packing.copyAt(key, value, to, key);
    Object.defineProperty(to, key, { value: copy, enumerable: true, configurable: true, writable: true });
  } catch {
    packing.goBack(before);
  }
}

/** The errors of an AggregateError, each for itself. */
function copyErrors(packing: Packing, errors: readonly unknown[]): unknown[] {
  const copies: unknown[] = [];
  for (const error of errors) {
    const before = packing.progress();
    try {
      copies.push(packing.copyAt(copies.length, error, copies, copies.length));
    } catch (reason) {
      packing.goBack(before);
      copies.push(packing.copy(remoteErrorFor(error, reason), copies, copies.length));
    }
  }
  return copies;
}

function emitOwn(packing: Packing, made: Made, values: Record<string, unknown>, enumerable: boolean): void {
  const step: Step = ["own", undefined, values, enumerable];
  packing.put(made, step, 1);
  packing.emit(step);
}
