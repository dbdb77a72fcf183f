// The variables around a function, as the inspector shows them. Called by `dissect` and by what captures variables.

import type { Inspection } from "./inspection.ts";

export type Scopes = ReturnType<Inspection["scopes"]>;

/** The innermost scope that has the name. */
export function scopeHolding(scopes: Scopes, name: string): Record<string, unknown> | undefined {
  for (const { object, description } of scopes) {
    // Only the global object and that of a `with` inherit names; the others are V8's copies of variables.
    const inherits = description !== undefined && /^(Global|With)/.test(description);
    if (inherits ? name in object : holds(object, name)) return object;
  }
  return undefined;
}

function holds(scope: Record<string, unknown>, name: string): boolean {
  try {
    return Object.hasOwn(scope, name);
  } catch {
    // Newer V8 throws for a variable that is there and not initialised yet; older gives undefined.
    return true;
  }
}

/** Stands for what newer V8 throws. */
export const UNINITIALISED: unique symbol = Symbol("uninitialised");

export function readVariable(scope: Record<string, unknown>, name: string): unknown {
  try {
    return scope[name];
  } catch (error) {
    if (error instanceof ReferenceError) return UNINITIALISED;
    throw error;
  }
}
