// What counts as an error, and how to read one that may be hostile.

import { types } from "node:util";

export function isError(value: object): value is Error {
  return types.isNativeError(value) || isDOMException(value);
}

export function isDOMException(value: object): boolean {
  return typeof DOMException === "function" && value instanceof DOMException;
}

/** What a getter returns, as text; a getter may throw or return anything. */
export function textOf(read: () => unknown): string {
  try {
    return String(read());
  } catch {
    return "";
  }
}
