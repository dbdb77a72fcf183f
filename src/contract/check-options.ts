// Refuses options that are not what they must be, before anything starts. Executors and combinators call it with
// what a user gave; a wrong value is a TypeError or RangeError that names the option, the value and what it may be.

import { nearestName } from "./nearest-name.ts";

/** Says what a value must be, if it is not that; throws what the user sees. `of` is how the option is named in messages. */
type Check = (value: unknown, option: string) => void;

/** Each option of one kind of object, with its check. */
type Checks<O> = { readonly [K in keyof O]-?: Check };

/** Options that one call takes, checked: unknown names are refused too, as a misspelt limit is no limit. */
export interface OptionChecker<O> {
  /** Checks `options`; `subject` begins the message: "Cannot submit the task". Gives back an empty object for `undefined`. */
  check(options: O | undefined, subject: string): O;
}

/** A checker of options with these names. */
export function optionChecker<O extends object>(checks: Checks<Required<O>>): OptionChecker<O> {
  const known = new Map<string, Check>(Object.entries<Check>(checks));
  return {
    check(options, subject) {
      if (options === undefined) return {} as O;
      if (typeof options !== "object" || options === null || Array.isArray(options))
        throw new TypeError(`${subject}: expected an object of options, got ${shown(options)}`);
      for (const [name, value] of Object.entries(options)) {
        const check = known.get(name);
        if (check === undefined) throw unknownOption(name, [...known.keys()], subject);
        if (value !== undefined) explain(check, value, name, subject);
      }
      return options;
    },
  };
}

/** A whole number of at least `least`, and `Infinity` only where it makes sense. */
export function wholeNumber(least: number, options: { readonly orInfinity?: boolean } = {}): Check {
  return (value, name) => {
    const wanted = `a whole number, ${least} or more${options.orInfinity === true ? ", or Infinity" : ""}`;
    if (typeof value !== "number") throw new TypeError(`${name} must be ${wanted}, got ${shown(value)}`);
    if (value === Infinity && options.orInfinity === true) return;
    if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${name} must be ${wanted}, got ${shown(value)}`);
  };
}

/** Milliseconds: `Infinity` is no limit. */
export function milliseconds(bounds: { readonly aboveZero: boolean }): Check {
  return (value, name) => {
    const wanted = `a number of milliseconds, ${bounds.aboveZero ? "above 0" : "0 or more"}`;
    if (typeof value !== "number") throw new TypeError(`${name} must be ${wanted}, got ${shown(value)}`);
    if (!(bounds.aboveZero ? value > 0 : value >= 0)) throw new RangeError(`${name} must be ${wanted}, got ${shown(value)}`);
  };
}

/** A number above zero: megabytes. */
export function positiveNumber(value: unknown, name: string): void {
  if (typeof value !== "number") throw new TypeError(`${name} must be a number above 0, got ${shown(value)}`);
  if (!(value > 0) || value === Infinity) throw new RangeError(`${name} must be a number above 0, got ${shown(value)}`);
}

/** Any number that can be compared. */
export function finiteNumber(value: unknown, name: string): void {
  if (typeof value !== "number") throw new TypeError(`${name} must be a finite number, got ${shown(value)}`);
  if (!Number.isFinite(value)) throw new RangeError(`${name} must be a finite number, got ${shown(value)}`);
}

/** A number between these, both included, and finite. */
export function numberWithin(least: number, most: number): Check {
  const wanted = `a number, ${least} ${most === Infinity ? "or more" : `to ${most}`}`;
  return (value, name) => {
    if (typeof value !== "number") throw new TypeError(`${name} must be ${wanted}, got ${shown(value)}`);
    if (!(Number.isFinite(value) && value >= least && value <= most)) throw new RangeError(`${name} must be ${wanted}, got ${shown(value)}`);
  };
}

/** One of these words. */
export function oneOf(...words: readonly string[]): Check {
  return (value, name) => {
    if (typeof value === "string" && words.includes(value)) return;
    const wanted = words.map((word) => JSON.stringify(word)).join(" or ");
    const type = typeof value === "string" ? RangeError : TypeError;
    throw new type(`${name} must be ${wanted}, got ${shown(value)}`);
  };
}

/** A value of this `typeof`. */
export function ofType(type: "string" | "boolean" | "function"): Check {
  return (value, name) => {
    if (typeof value !== type) throw new TypeError(`${name} must be a ${type}, got ${shown(value)}`);
  };
}

/** An array whose elements pass `each`. */
export function arrayOf(each: Check): Check {
  return (value, name) => {
    if (!Array.isArray(value)) throw new TypeError(`${name} must be an array, got ${shown(value)}`);
    for (const [index, element] of value.entries()) each(element, `${name}[${index}]`);
  };
}

/** Anything at all. */
export function anything(): void {}

/** Anything that can be moved to another worker. */
export function anObject(value: unknown, name: string): void {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) throw new TypeError(`${name} must be an object, got ${shown(value)}`);
}

/** An object with these options of its own. */
export function nested<O extends object>(checks: Checks<Required<O>>): Check {
  const checker = optionChecker<O>(checks);
  return (value, name) => {
    anObject(value, name);
    checker.check(value as O, name);
  };
}

/** A number that passes the one check, or an object that passes the other. */
export function numberOr(number: Check, object: Check): Check {
  return (value, name) => {
    if (typeof value === "number") number(value, name);
    else if (typeof value === "object" && value !== null) object(value, name);
    else throw new TypeError(`${name} must be a number or an object of numbers, got ${shown(value)}`);
  };
}

/** An AbortSignal, of this or another realm. */
export function abortSignal(value: unknown, name: string): void {
  const signal = value as Partial<AbortSignal> | null;
  if (typeof signal !== "object" || signal === null || typeof signal.aborted !== "boolean" || typeof signal.addEventListener !== "function") {
    throw new TypeError(`${name} must be an AbortSignal, got ${shown(value)}`);
  }
}

/** An object of environment variables. */
export function environment(value: unknown, name: string): void {
  anObject(value, name);
  for (const [variable, text] of Object.entries(value as object)) {
    if (text !== undefined && typeof text !== "string") throw new TypeError(`${name}.${variable} must be a string, got ${shown(text)}`);
  }
}

/** `fn`, if it is a function; `subject` begins the message. */
export function checkFunction(fn: unknown, subject: string): void {
  if (typeof fn !== "function") throw new TypeError(`${subject}: expected a function, got ${shown(fn)}`);
}

/** A value as a message shows it: short, and never by calling the user's code. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return Object.is(value, -0) ? "-0" : String(value);
}

function explain(check: Check, value: unknown, name: string, subject: string): void {
  try {
    check(value, name);
  } catch (error) {
    // The same class, with what the user tried to do in front.
    if (error instanceof Error) error.message = `${subject}: ${error.message}`;
    throw error;
  }
}

function unknownOption(name: string, known: readonly string[], subject: string): TypeError {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? `known options are ${known.join(", ")}` : `did you mean ${nearest}`;
  return new TypeError(`${subject}: unknown option ${name}, ${hint}`);
}
