// Functions that cost nothing of their own, so that what they take is what the rung takes. Of the language, as those cross
// by name: another function would first have its whole file looked into, and dure's own is large.

/** Any of them. */
export type Probe = (value: unknown) => unknown;

/** Gives next to nothing back: the cost of moving the value there. Done once the worker has unpacked it, as a function has been loaded then. */
export const take: Probe = Boolean;

/** Gives back what it is given: the cost of moving it there and back. */
export function echoOn(rung: string): Probe {
  // In this thread the value is the caller's own, which must stay as it is.
  return rung === "serial" || rung === "async" ? (value) => value : Object.preventExtensions;
}
