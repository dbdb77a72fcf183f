// What a packed value is when structured clone alone cannot carry it: a tree of plain values and a program that turns it
// into a copy of the original. The program points at objects of the tree by identity, which structured clone keeps, so no
// user data can look like a mark and nothing needs an escape; and the receiver walks nothing.

/**
 * One step. Steps run in order. `made` is where a step keeps what it makes, for `put`. A `put` may come before its
 * thing is made (then it waits), and may fill a field of a later step.
 */
export type Step =
  /** Stores something made at `holder[key]`. */
  | [type: "put", holder: object, key: string | number, made: number]
  /** Stores a part of the tree that was too deep for structured clone's stack. */
  | [type: "graft", holder: object, key: string | number, part: unknown]
  | [type: "symbol", made: number, registered: boolean, name: string]
  | [type: "boxedSymbol", made: number, symbol: unknown]
  /** Makes an ArrayBuffer of what lies in memory that both sides see. */
  | [type: "stored", made: number, at: number, size: number]
  /** Makes an ArrayBuffer with what is at the start of memory that threads share. */
  | [type: "copy", made: number, shared: SharedArrayBuffer, size: number]
  /** As "stored", for a receiver that cannot see it: the bytes are in the message. */
  | [type: "bytes", made: number, bytes: ArrayBuffer]
  /** Makes the value that is written (trees/slots.ts) in a buffer: one that has been made, or in memory that threads share. */
  | [type: "tree", made: number, bytes: number | SharedArrayBuffer]
  /** Makes a view on a buffer that is made, too. Lengths are in elements. */
  | [type: "view", made: number, className: string, buffer: unknown, offset: number, length: number]
  /** Makes an object of a built-in class from what describes it: a URL from its text. */
  | [type: "builtin", made: number, name: string, description: unknown]
  /** Makes an error of a built-in class; its message and all else are own properties, given later. */
  | [type: "error", made: number, className: string]
  | [type: "domException", made: number, message: string, name: string]
  /** Makes an instance with a reducer. */
  | [type: "revive", made: number, reducer: unknown, data: unknown]
  /** Makes this side's object of memory that both sides share, of a class that each knows by name. */
  | [type: "shared", made: number, name: string, data: unknown]
  /**
   * Makes a function from a template. A class is known to all by its identity: what the receiver has under it, it uses
   * again, if `isFixed` or if it is the class's home. Without a template it must have it.
   */
  | [type: "function", made: number, template: number | undefined, eager: unknown[], identity: string | undefined, isFixed: boolean]
  | [type: "bound", made: number, target: unknown, boundThis: unknown, boundArgs: unknown[]]
  /** Gives the function that `made` refers to its variables and properties. */
  | [type: "complete", made: number, variables: unknown[], superclass: [value: unknown] | undefined, properties: unknown[], privateStatics: unknown[]]
  /** Gives `target` the prototype of a class. */
  | [type: "instance", target: unknown, constructor: unknown]
  /** The same for all of a class that are in the tree. */
  | [type: "instances", targets: object[], constructor: unknown]
  | [type: "prototype", target: unknown, prototype: unknown]
  /** Gives `target` the prototype of a class of ours, or of Node. */
  | [type: "knownClass", target: unknown, name: string]
  /** Gives `target` own properties that structured clone does not carry. */
  | [type: "own", target: unknown, values: object, enumerable: boolean]
  | [type: "symbolKey", target: unknown, symbol: unknown, value: unknown]
  /** Fills a Map, from keys and values in turn. */
  | [type: "map", target: unknown, entries: unknown[]]
  | [type: "set", target: unknown, members: unknown[]]
  | [type: "lastIndex", target: unknown, lastIndex: number];

export type StepOf<T extends Step[0]> = Extract<Step, [T, ...unknown[]]>;

/** A coded value on the wire. `hasOddLists`: whether lists in it have more, or less, than their items. */
export type Coded = [root: unknown, program: Step[], hasOddLists?: true];

/** Of a coded value; of any other it is no more than likely. */
export function hasOddLists(value: unknown): boolean {
  return Array.isArray(value) && value[2] === true;
}
