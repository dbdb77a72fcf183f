// A small walker of values, for tests of functions alone: what dissect finds is copied and rebuilt in this thread, with
// the templates sent through structured clone.

import { dissect } from "#dure/codec/functions/dissect.js";
import {
  BuiltinExport,
  VariableCell,
  type CapturedVariable,
  type CellTable,
  type FunctionRole,
  type Instance,
  type InstanceParts,
  type OwnProperty,
  type SourceFunction,
} from "#dure/codec/functions/dissected.js";
import { TemplateTable } from "#dure/codec/functions/template-table.js";
import { wholeObject } from "#dure/codec/functions/whole-object.js";
import type { Template } from "#dure/codec/template.js";

type AnyFunction = (...args: never[]) => unknown;

/** Sends a function to a new receiver and gives what arrives. */
export async function roundTrip<F extends AnyFunction>(fn: F, role: FunctionRole = "task"): Promise<F> {
  const trip = new RoundTrip();
  await trip.visit(fn, role);
  return trip.copy(fn) as F;
}

class RoundTrip {
  readonly #cells: CellTable = new Map();
  readonly #table = new TemplateTable(() => undefined);
  readonly #dissected = new Map<AnyFunction, ReturnType<typeof dissect>>();
  readonly #wholes = new Map<object, Template>();
  readonly #seen = new Set<unknown>();
  readonly #copies = new Map<unknown, unknown>();

  /** The sender: finds everything and defines the templates. */
  async visit(value: unknown, role: FunctionRole = "value"): Promise<void> {
    if (this.#seen.has(value)) return;
    if (typeof value === "function") return this.#visitFunction(value as AnyFunction, role);
    if (typeof value !== "object" || value === null) return;
    this.#seen.add(value);
    const template = value instanceof BuiltinExport ? value.template : value instanceof VariableCell ? undefined : wholeObject(value);
    if (template !== undefined) {
      this.#wholes.set(value, template);
      await this.#table.define([structuredClone(template)]);
      return;
    }
    for (const key of Object.keys(value)) await this.visit((value as Record<string, unknown>)[key]);
  }

  async #visitFunction(fn: AnyFunction, role: FunctionRole): Promise<void> {
    this.#seen.add(fn);
    const dissected = dissect(fn, "fn", role, this.#cells);
    this.#dissected.set(fn, dissected);
    if (dissected.kind === "bound") {
      await this.visit(dissected.target, "bound");
      await this.visit(dissected.boundThis);
      for (const argument of dissected.boundArgs) await this.visit(argument);
      return;
    }
    await this.#table.define([structuredClone(dissected.template)]);
    if (dissected.kind === "whole") return;
    for (const variable of dissected.variables) for (const part of partsOf(variable)) await this.visit(part);
    for (const property of dissected.properties) await this.visit(property.value);
    for (const value of dissected.privateStatics) await this.visit(value);
    await this.visit(dissected.superclass?.value);
  }

  /** The receiver: makes the copy of what was visited. */
  copy(value: unknown): unknown {
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    if (typeof value === "function") return this.#copyFunction(value as AnyFunction);
    if (typeof value !== "object" || value === null) return value;
    const whole = this.#wholes.get(value);
    if (whole !== undefined) return this.#table.instantiate(whole.id).value;
    if (value instanceof Map || value instanceof Set || value instanceof Date) return structuredClone(value);
    const copy = Array.isArray(value) ? [] : (Object.create(value instanceof VariableCell ? VariableCell.prototype : Object.prototype) as object);
    this.#copies.set(value, copy);
    for (const key of Object.keys(value)) Object.assign(copy, { [key]: this.copy((value as Record<string, unknown>)[key]) });
    return copy;
  }

  #copyFunction(fn: AnyFunction): unknown {
    const dissected = this.#dissected.get(fn);
    if (dissected === undefined) throw new Error(`never visited: ${fn.name}`);
    if (dissected.kind === "bound") {
      const target = this.copy(dissected.target) as (...args: unknown[]) => unknown;
      return target.bind(this.copy(dissected.boundThis), ...dissected.boundArgs.map((argument) => this.copy(argument)));
    }
    const instance = this.#table.instantiate(dissected.template.id, dissected.kind === "source" ? dissected.eager : []);
    this.#copies.set(fn, instance.value);
    if (dissected.kind === "source") complete(instance, dissected, (part) => this.copy(part));
    return instance.value;
  }
}

function complete(instance: Instance, dissected: SourceFunction, copy: (value: unknown) => unknown): void {
  const { superclass } = dissected;
  const parts: InstanceParts = {
    variables: dissected.variables.map((variable) => (variable.properties === undefined ? copy(variable.value) : reduced(variable, copy))),
    superclass: superclass && { value: copy(superclass.value) as object | null },
    properties: dissected.properties.map((property): OwnProperty => ({ ...property, value: copy(property.value) })),
    privateStatics: dissected.privateStatics.map(copy),
  };
  instance.complete?.(parts);
}

function partsOf({ value, properties }: CapturedVariable): unknown[] {
  return properties === undefined ? [value] : properties.map((name) => (value as Record<string, unknown>)[name]);
}

function reduced({ value, properties }: CapturedVariable, copy: (value: unknown) => unknown): object {
  return Object.fromEntries((properties ?? []).map((name) => [name, copy((value as Record<string, unknown>)[name])]));
}
