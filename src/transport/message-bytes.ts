// Messages as bytes, for transports that carry nothing else.

import v8 from "node:v8";

/** Throws a `DataCloneError` for what has no form in bytes. */
export function encodeMessage(message: unknown): Uint8Array {
  return v8.serialize(message);
}

export function decodeMessage(bytes: Uint8Array): unknown {
  return v8.deserialize(bytes);
}

/** What was to be moved has been copied into bytes: the sender must lose it all the same. */
export function detach(transfer: readonly object[]): void {
  for (const object of transfer) if (object instanceof ArrayBuffer) structuredClone(object, { transfer: [object] });
}
