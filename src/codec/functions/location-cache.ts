// What was found out of each source location, so that the thousandth closure of a loop costs no analysis. Bounded: the
// location that was used longest ago goes.

import type { ImportMeta, SourceTemplate } from "../template.ts";
import type { FreeVariable, FunctionAnalysis } from "./function-analysis.ts";
import { nextTemplateId } from "./template-ids.ts";

/** Locations kept. Smaller: programs with many functions are analysed again. Larger: their sources in memory. */
const MAX_LOCATIONS = 2000;

export class LocationCache<T extends object> {
  readonly #entries = new Map<string, T>();

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#entries.size < MAX_LOCATIONS) return entry;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  set(key: string, entry: T): void {
    this.#entries.set(key, entry);
    if (this.#entries.size > MAX_LOCATIONS) this.#entries.delete(this.#entries.keys().next().value as string);
  }
}

/** The templates of one location: nearly always one. More where instances differ in what is a global for them. */
export class LocationTemplates {
  readonly #analysis: FunctionAnalysis;
  readonly #templates = new Map<string, SourceTemplate>();

  constructor(analysis: FunctionAnalysis) {
    this.#analysis = analysis;
  }

  /** @param captured Those of the free variables that this instance captured. */
  templateFor(name: string, captured: readonly FreeVariable[], importMeta: ImportMeta | undefined): SourceTemplate {
    const names = captured.length === this.#analysis.variables.length ? "" : captured.map((variable) => variable.name).join();
    const key = importMeta?.env === undefined ? names : `${names} ${JSON.stringify(importMeta.env)}`;
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const template = this.#make(name, captured, importMeta);
    this.#templates.set(key, template);
    return template;
  }

  /**
   * The template of a function that makes the functions of the location: it is called with the values of the variables
   * that are given, and captures the others.
   */
  makerFor(name: string, captured: readonly FreeVariable[], isGiven: readonly boolean[]): SourceTemplate {
    const key = `maker ${isGiven.join()}`;
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const parameters = captured.filter((_, index) => isGiven[index]).map((variable) => variable.sourceName);
    const others = captured.filter((_, index) => !isGiven[index]);
    const template = this.#make(name, others, undefined, `(${parameters.join(", ")}) => `);
    this.#templates.set(key, template);
    return template;
  }

  /** `start`: what comes first in the source. */
  #make(name: string, captured: readonly FreeVariable[], importMeta: ImportMeta | undefined, start = ""): SourceTemplate {
    const { script, line, column, strict, privateStatics } = this.#analysis;
    const { before: around, after } = surroundings(this.#analysis, name);
    const before = start + around;
    return {
      kind: "source",
      id: nextTemplateId(),
      source: before + this.#analysis.text + after,
      file: script.url,
      line,
      column: column - before.length,
      variables: captured.filter((variable) => !variable.eager).map((variable) => variable.sourceName),
      eager: captured.filter((variable) => variable.eager).map((variable) => variable.sourceName),
      privateStatics,
      strict,
      ...(importMeta === undefined ? {} : { importMeta }),
      name,
    };
  }
}

/** Makes an expression of the source in which the function gets its name, and a method is one. */
function surroundings({ kind, prefix }: FunctionAnalysis, name: string): { before: string; after: string } {
  const key = `[${JSON.stringify(name)}]`;
  if (kind === "expression") return { before: `({${key}: `, after: `})${key}` };
  if (kind === "method") return { before: `({${prefix}${key}`, after: `})${key}` };
  return { before: `Object.getOwnPropertyDescriptor({${kind} ${key}`, after: `}, ${JSON.stringify(name)}).${kind}` };
}
