// Says how a function would cross and what it would take along, without sending it. Called by `dure doctor`.

import { serialize } from "node:v8";
import { SerializationError } from "../../contract/errors.ts";
import { packValue } from "../values/pack-value.ts";
import type { CapturedVariable, CellTable, Dissected } from "./dissected.ts";
import { BuiltinExport, VariableCell } from "./dissected.ts";
import { dissect, isClass } from "./dissect.ts";
import { inOneSection } from "./inspection.ts";

type AnyFunction = (...args: never[]) => unknown;

/** How a function crosses: as an export that the worker imports, by a name that every thread knows, or as its source. */
export type Way =
  | { readonly by: "reference"; readonly module: string; readonly export: string }
  | { readonly by: "name"; readonly name: string }
  | { readonly by: "value"; readonly file: string; readonly line: number; readonly bytes: number };

/** A variable that a function takes along. */
export interface Capture {
  readonly name: string;
  /** The function that captures it. */
  readonly by: string;
  /** What it holds: `"number"`, `"Map"`, `"function"`. */
  readonly kind: string;
  /** Bytes of its value when packed, roughly; 0 for a function, whose own captures are listed. `undefined` if it cannot cross. */
  readonly bytes: number | undefined;
  /** Why it cannot cross, and what to do. */
  readonly refusal: string | undefined;
}

/** What became of a function that was looked into. */
export interface Explanation {
  /** `undefined` if it cannot cross. */
  readonly way: Way | undefined;
  /** Also those of the functions that it captures. */
  readonly captures: readonly Capture[];
  /** Why it cannot cross, and what to do. */
  readonly refusal: string | undefined;
}

/** Looks into a function as `submit` would. Never throws for one that cannot cross. */
export function explain(fn: AnyFunction, memory: "shared" | "separate"): Explanation {
  return inOneSection(() => new Explaining(memory).explain(fn));
}

class Explaining {
  readonly #memory: "shared" | "separate";
  readonly #cells: CellTable = new Map();
  readonly #seen = new Set<unknown>();
  readonly #captures: Capture[] = [];

  constructor(memory: "shared" | "separate") {
    this.#memory = memory;
  }

  explain(fn: AnyFunction): Explanation {
    try {
      return { way: this.#walk(fn, "fn", "task"), captures: this.#captures, refusal: undefined };
    } catch (error) {
      return { way: undefined, captures: this.#captures, refusal: refusalIn(error) };
    }
  }

  #walk(fn: AnyFunction, path: string, role: "task" | "bound" | "value"): Way {
    this.#seen.add(fn);
    const dissected = dissect(fn, path, role, this.#cells);
    if (dissected.kind === "bound") {
      if (dissected.boundThis !== undefined) this.#capture("this", fn.name, dissected.boundThis);
      dissected.boundArgs.forEach((value, index) => this.#capture(`bound argument ${index + 1}`, fn.name, value));
      return this.#walk(dissected.target, path, "bound");
    }
    if (dissected.kind === "source") for (const variable of dissected.variables) this.#captureVariable(variable, fn.name);
    return wayOf(dissected);
  }

  #captureVariable({ name, value, properties }: CapturedVariable, by: string): void {
    // Nothing is sent: the worker has it.
    if (value instanceof BuiltinExport) return;
    const whole = value instanceof VariableCell ? value.value : value;
    if (properties === undefined || typeof whole !== "object" || whole === null) return this.#capture(name, by, whole);
    const parts = properties.filter((property) => property in whole);
    for (const property of parts) this.#capture(`${name}.${property}`, by, (whole as Record<string, unknown>)[property]);
  }

  #capture(name: string, by: string, value: unknown): void {
    const found = { name, by: by === "" ? "the function" : by, kind: kindOf(value) };
    // Before what it captures itself, if it is a function.
    const index = this.#captures.push({ ...found, bytes: undefined, refusal: undefined }) - 1;
    try {
      this.#captures[index] = { ...found, bytes: this.#sizeOf(name, value), refusal: undefined };
    } catch (error) {
      this.#captures[index] = { ...found, bytes: undefined, refusal: refusalIn(error) };
    }
  }

  #sizeOf(name: string, value: unknown): number {
    if (typeof value !== "function") return this.#packedSize(name, value);
    if (!this.#seen.has(value)) this.#walk(value as AnyFunction, name, "value");
    return 0;
  }

  #packedSize(name: string, value: unknown): number {
    const { value: packed, templates } = packValue({ memory: this.#memory, maxCaptureSize: Infinity, dissect }, value, name);
    // What is shared stays where it is, and has no serialized form.
    if (value instanceof SharedArrayBuffer || (ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer)) return 0;
    return serialize(packed).byteLength + serialize(templates).byteLength - EMPTY;
  }
}

/** Bytes around any serialized value, and around a list of no templates. */
const EMPTY: number = serialize(undefined).byteLength + serialize([]).byteLength;

function wayOf(dissected: Exclude<Dissected, { kind: "bound" }>): Way {
  const { template } = dissected;
  switch (template.kind) {
    case "reference":
      return { by: "reference", module: template.module, export: template.path.join(".") };
    case "global":
      return { by: "name", name: template.path.join(".") };
    case "source":
      return { by: "value", file: template.file, line: template.line + 1, bytes: template.source.length };
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "function") return isClass(value as AnyFunction) ? "class" : "function";
  if (typeof value !== "object") return typeof value;
  return (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name ?? "object";
}

/** Anything else than a refusal is a fault of ours or of a getter of the user's: it must be seen. */
function refusalIn(error: unknown): string {
  if (error instanceof SerializationError) return error.message;
  throw error;
}
