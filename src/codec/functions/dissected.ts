// What a function is made of, as the walker of values sees it: the seam between `dissect` (near side), the values that
// it found, and the far side's `TemplateTable`. Types, and the one object that both sides share.

import type { GlobalTemplate, ReferenceTemplate, SourceTemplate } from "../template.ts";

/**
 * A captured variable that functions may assign after they have crossed: the object that stands for it, `value` being
 * the variable. The walker packs it like any object with identity (its only content is `value`), so that all
 * functions of one pack that share the variable share it at the receiver too.
 */
export class VariableCell {
  value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/**
 * A captured variable that is imported from one of Node's modules and holds a plain value: `threadId`, `isMainThread`. The
 * receiver has one of its own, which is meant.
 */
export class BuiltinExport {
  readonly template: ReferenceTemplate;

  constructor(template: ReferenceTemplate) {
    this.template = template;
  }
}

/** The cells of one pack, by binding: make one empty map per pack and hand it to every `dissect` of that pack. */
export type CellTable = Map<string, VariableCell>;

/** A variable that a function takes from around it, with its value now. */
export interface CapturedVariable {
  /** For errors and for `dure doctor`. */
  readonly name: string;
  /** What to pack. A {@link VariableCell} if functions assign the variable: pack it with its identity. */
  readonly value: unknown;
  /** The variable itself cannot change any more (an object in it may): no need to read it again. */
  readonly constant: boolean;
  /**
   * Only these properties of the object are read, so only these need to be sent; undefined for the whole object.
   * What one function reads in part another may capture whole: pack such objects last, once per object, with all
   * properties that were asked for, unless it has been packed whole by then. Read them as `value[name]`: they may be
   * getters (of a bundle's namespace object). Properties that the object lacks are left out.
   */
  readonly properties: readonly string[] | undefined;
}

/** A property that a function or class, or its `prototype`, has beside what its source gives it. */
export interface OwnProperty {
  readonly on: "self" | "prototype";
  readonly key: string | symbol;
  /** Of an accessor: an object of its `get` and `set`. */
  readonly value: unknown;
  readonly isAccessor: boolean;
  readonly enumerable: boolean;
}

/** A function or class that crosses as its template alone. */
export interface WholeFunction {
  readonly kind: "whole";
  readonly template: ReferenceTemplate | GlobalTemplate;
}

/** A function or class that crosses as its source and what it captured. */
export interface SourceFunction {
  readonly kind: "source";
  readonly template: SourceTemplate;
  /** What the source needs while it is evaluated (a class's computed keys): primitives and symbols, in the template's order. */
  readonly eager: readonly unknown[];
  /** In the order of `template.variables`. */
  readonly variables: readonly CapturedVariable[];
  /** What a class extends (or a constructor function inherits from), if it is not what its source alone gives: its prototype. */
  readonly superclass: { readonly value: object | null } | undefined;
  readonly properties: readonly OwnProperty[];
  /** Values of `static #private` fields, in the template's order. */
  readonly privateStatics: readonly unknown[];
  /** Whether all variables are constant and there is nothing else: dissecting it again gives the same. */
  readonly constant: boolean;
}

/** A bound function. `target` must be dissected with the role `"bound"`. */
export interface BoundFunction {
  readonly kind: "bound";
  readonly target: (...args: never[]) => unknown;
  readonly boundThis: unknown;
  readonly boundArgs: readonly unknown[];
}

export type Dissected = WholeFunction | SourceFunction | BoundFunction;

/**
 * How the function will be called: as the task itself (`this` is undefined: a method that uses it is refused), as the
 * target of a bound function, or as a value that somebody else calls.
 */
export type FunctionRole = "task" | "bound" | "value";

/** What an instance of a template needs to be whole, revived, in the shapes of {@link SourceFunction}. */
export interface InstanceParts {
  readonly variables: readonly unknown[];
  readonly superclass: { readonly value: object | null } | undefined;
  readonly properties: readonly OwnProperty[];
  readonly privateStatics: readonly unknown[];
}

/**
 * A function made from a template. Made in two steps, so that functions that capture each other (or themselves) work:
 * register `value` under its identity, revive the parts, then `complete`.
 */
export interface Instance {
  readonly value: (...args: never[]) => unknown;
  /** Gives it its variables and properties. Undefined where nothing is missing: by reference, or by global name. */
  readonly complete: ((parts: InstanceParts) => void) | undefined;
}
