// Copies ArrayBuffers and views on them, moves those that the caller lists in `transfer`. Called by the walk.

import { types } from "node:util";
import { Made } from "./made.ts";
import { ownCopy } from "./own-copy.ts";
import type { ViewShape } from "./moves.ts";
import type { Packing } from "./packing.ts";
import { viewClassNamed } from "./view-classes.ts";

/** From here on moving a copy with its message is cheaper than copying it once more. */
const LARGE_BUFFER = 64 * 1024;

/** Copies a buffer, or takes what it was moved to. */
export function copyBuffer(packing: Packing, from: ArrayBufferLike): ArrayBufferLike | Made {
  packing.grow(from.byteLength);
  if (types.isSharedArrayBuffer(from)) return shareBuffer(packing, from);
  if (packing.moves?.has(from) === true) return packing.remember(from, movedBuffer(packing, from));
  if (isDetached(from))
    packing.refuse({ what: "is an ArrayBuffer that has been transferred and is empty now", mend: "send it before it is transferred, or a copy" });
  const stored = copyAside(packing, new Uint8Array(from));
  if (stored !== undefined) return packing.remember(from, stored);
  const to: ArrayBuffer = packing.remember(from, duplicate(packing, from));
  moveIfLarge(packing, to);
  return to;
}

/** A copy that is not in the message, if the bytes are many. */
function copyAside(packing: Packing, bytes: Uint8Array): Made | undefined {
  return putDown(packing, bytes) ?? copyByShared(packing, bytes);
}

/** Large bytes go to memory that the receiver sees, if there is any: this is then their only copy until they are there. */
function putDown(packing: Packing, bytes: Uint8Array): Made | undefined {
  const { payloads } = packing.boundary;
  if (payloads === undefined || bytes.byteLength < payloads.worthFrom || staysInMessage(packing, bytes)) return undefined;
  return packing.store(payloads, bytes);
}

/** Between threads, of what may be sent again: the sender's only copy is in memory that all share. */
function copyByShared(packing: Packing, bytes: Uint8Array): Made | undefined {
  const { sharedCopies } = packing.boundary;
  if (sharedCopies === undefined || bytes.byteLength < LARGE_BUFFER || staysInMessage(packing, bytes)) return undefined;
  return packing.share(sharedCopies, bytes);
}

function staysInMessage(packing: Packing, bytes: Uint8Array): boolean {
  return packing.isTrial || isResizable(bytes.buffer);
}

/** What was moved is not seen by anybody else any more, and need not stay. */
function movedBuffer(packing: Packing, from: ArrayBuffer): ArrayBuffer | Made {
  const to = packing.moves?.take(from) as ArrayBuffer;
  const stored = putDown(packing, new Uint8Array(to));
  if (stored === undefined && !packing.isTrial) packing.moveWithMessage(to);
  return stored ?? to;
}

function isResizable(buffer: ArrayBufferLike): boolean {
  return (buffer as { readonly resizable?: boolean }).resizable === true;
}

/**
 * Spares a large copy another copy. Between threads it is empty once sent, so only what is sent once may do that; to
 * another process its bytes are written from where they are, as often as need be.
 */
function moveIfLarge(packing: Packing, copy: ArrayBuffer): void {
  const { memory, sendsOnce } = packing.boundary;
  if (copy.byteLength >= LARGE_BUFFER && (memory === "separate" || sendsOnce === true)) packing.moveWithMessage(copy);
}

function duplicate(packing: Packing, from: ArrayBuffer): ArrayBuffer {
  // While it is only looked whether everything can cross, nothing large is copied.
  if (packing.isTrial) return new ArrayBuffer(0);
  if (packing.boundary.keepsBuffers === true) return from;
  const { maxByteLength } = from as ArrayBuffer & { maxByteLength?: number };
  if (!isResizable(from)) return from.byteLength < LARGE_BUFFER ? ArrayBuffer.prototype.slice.call(from, 0) : ownCopy(from, from.byteLength);
  const to = new (ArrayBuffer as new (length: number, options: { maxByteLength: number | undefined }) => ArrayBuffer)(from.byteLength, { maxByteLength });
  new Uint8Array(to).set(new Uint8Array(from));
  return to;
}

function shareBuffer(packing: Packing, from: SharedArrayBuffer): SharedArrayBuffer {
  if (packing.boundary.memory === "separate")
    packing.refuse({
      what: "is a SharedArrayBuffer, and another process does not share this memory",
      mend: "send a copy (`new Uint8Array(shared).slice()`), or use threads",
    });
  return packing.remember(from, from);
}

/** Takes what a listed object was moved to, so that it moves on with the message. */
export function moved(packing: Packing, from: object): object {
  const to = packing.moves?.take(from) ?? from;
  if (!packing.isTrial) packing.moveWithMessage(to);
  return to;
}

function isDetached(buffer: ArrayBufferLike): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** Copies a view, with its whole buffer: other views on the same buffer stay views on one buffer. */
export function copyView(packing: Packing, from: ArrayBufferView, prototype: object | null): ArrayBufferView | Made {
  if (Buffer.isBuffer(from) && packing.moves?.has(from.buffer) !== true && from.byteLength !== from.buffer.byteLength) return copyPooledBuffer(packing, from);
  const name = viewClass(from);
  const View = viewClassNamed(name);
  const { offset, length } = shapeOf(packing, from);
  const buffer = packing.copyBufferOf(from.buffer);
  if (packing.isTrial) return packing.remember(from, new Uint8Array(0));
  const to = packing.remember(from, buffer instanceof Made ? packing.viewOn(buffer, name, offset, length ?? lengthOf(from)) : new View(buffer, offset, length));
  if (prototype === Buffer.prototype) packing.beBuffer(to);
  else if (prototype !== View.prototype) packing.givePrototype(to, prototype, name);
  return to;
}

function shapeOf(packing: Packing, view: ArrayBufferView): ViewShape {
  const noted = packing.moves?.shapes.get(view);
  if (noted !== undefined) return noted;
  const shape = { offset: view.byteOffset, length: tracksLength(view) ? undefined : lengthOf(view) };
  packing.moves?.shapes.set(view, shape);
  return shape;
}

/** A Buffer that is a part of a larger one sends its own bytes: the rest is a pool that it has nothing to do with. */
function copyPooledBuffer(packing: Packing, from: Buffer): Uint8Array | Made {
  packing.grow(from.byteLength);
  const stored = copyAside(packing, from);
  if (stored !== undefined) {
    const made = packing.remember(from, packing.viewOn(stored, "Uint8Array", 0, from.byteLength));
    packing.beBuffer(made);
    return made;
  }
  const to: Uint8Array<ArrayBuffer> = packing.remember(from, new Uint8Array(packing.isTrial ? 0 : from.byteLength));
  if (!packing.isTrial) to.set(from);
  packing.beBuffer(to);
  moveIfLarge(packing, to.buffer);
  return to;
}

function viewClass(view: ArrayBufferView): string {
  // The getter of %TypedArray%.prototype: it cannot be changed by a subclass, and is undefined for a DataView.
  return (
    (Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get?.call(view) as string | undefined) ?? "DataView"
  );
}

function lengthOf(view: ArrayBufferView): number {
  return view instanceof DataView ? view.byteLength : (view as Uint8Array).length;
}

/** Whether a view grows with its resizable buffer. Only a view that ends where the buffer ends can; a clone is asked. */
function tracksLength(view: ArrayBufferView): boolean {
  const { resizable, maxByteLength } = view.buffer as ArrayBuffer & { resizable?: boolean; maxByteLength?: number };
  if (resizable !== true || view.byteOffset + view.byteLength !== view.buffer.byteLength || maxByteLength === view.buffer.byteLength) return false;
  const clone = structuredClone(view);
  (clone.buffer as ArrayBuffer & { resize(length: number): void }).resize(maxByteLength ?? 0);
  return clone.byteLength !== view.byteLength;
}
