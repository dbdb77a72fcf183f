// Stands for what was thrown and cannot cross itself.

import { types } from "node:util";
import { RemoteError } from "../../contract/errors.ts";
import { isError, textOf } from "./error-kinds.ts";

/** A `RemoteError` with what can be told of it; `cause` is the reason why it cannot cross. */
export function remoteErrorFor(thrown: unknown, reason: unknown): RemoteError {
  const isObject = typeof thrown === "object" && thrown !== null && !types.isProxy(thrown);
  const asError = isObject && isError(thrown) ? thrown : undefined;
  const message = asError === undefined ? `The task threw ${describeThrown(thrown)}` : textOf(() => asError.message);
  const remote = new RemoteError(message, { remoteName: asError === undefined ? describeThrown(thrown) : textOf(() => asError.name), cause: reason });
  const stack = asError === undefined ? "" : textOf(() => asError.stack);
  if (stack !== "") Object.defineProperty(remote, "stack", { value: stack, configurable: true, writable: true });
  return remote;
}

function describeThrown(thrown: unknown): string {
  if (types.isProxy(thrown)) return "a Proxy";
  if (typeof thrown === "function") return `the function ${textOf(() => thrown.name)}`;
  if (typeof thrown === "object" && thrown !== null) return `an object ${textOf(() => Object.prototype.toString.call(thrown))}`;
  return textOf(() => thrown);
}
