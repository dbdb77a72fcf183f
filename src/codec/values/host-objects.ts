// Objects of Node with an inside that JavaScript cannot see: which of them threads can be sent, and what to do about
// the others. Called by the walk.

import type { Packing } from "./packing.ts";

/** Classes whose objects Node copies between threads. */
const COPIED: ReadonlySet<string> = new Set([
  "Blob",
  "File",
  "SecretKeyObject",
  "PublicKeyObject",
  "PrivateKeyObject",
  "CryptoKey",
  "X509Certificate",
  "BlockList",
  "SocketAddress",
  "Histogram",
  "RecordableHistogram",
  "Module",
]);

/** Classes whose objects can only move, and only if the caller says so. */
const MOVED: ReadonlySet<string> = new Set(["MessagePort", "FileHandle", "ReadableStream", "WritableStream", "TransformStream"]);

/** Whether Node itself carries it over this boundary. Refuses what Node carries over others only. */
export function isCarriedByNode(packing: Packing, value: object, prototype: object | null): boolean {
  const name = constructorName(prototype);
  if (MOVED.has(name) && isClassOfNode(prototype, name)) refuseToMove(packing, name);
  if (!COPIED.has(name) || !isCloneable(value, prototype)) return false;
  if (packing.boundary.memory === "shared") return true;
  return packing.refuse({ what: `is a ${name}, which can be sent to threads only`, mend: "use threads, or send its content as a buffer or text" });
}

function refuseToMove(packing: Packing, name: string): never {
  if (packing.boundary.memory === "separate")
    packing.refuse({ what: `is a ${name}, which can be moved to threads only`, mend: "use threads, or send what it would carry" });
  packing.refuse({ what: `is a ${name}, which can be moved but not copied`, mend: "list it in `transfer`" });
}

function constructorName(prototype: object | null): string {
  const constructor: unknown = prototype === null ? undefined : Reflect.get(prototype, "constructor");
  return typeof constructor === "function" ? constructor.name : "";
}

function isClassOfNode(prototype: object | null, name: string): boolean {
  // FileHandle is no global; nobody else's class of that name has this tag and a descriptor.
  return Reflect.get(globalThis, name) === prototype?.constructor || (name === "FileHandle" && prototype !== null && "fd" in prototype);
}

/** A class of the same name that is not Node's loses its prototype on the way. */
function isCloneable(value: object, prototype: object | null): boolean {
  try {
    return Object.getPrototypeOf(structuredClone(value)) === prototype;
  } catch {
    return false;
  }
}
