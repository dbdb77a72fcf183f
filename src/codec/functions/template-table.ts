// The far side of functions: takes in templates, imports or compiles each once, and makes instances of them. One table
// for each sender. Called by the unpacker.

import { createRequire } from "node:module";
import { SerializationError } from "../../contract/errors.ts";
import type { GlobalTemplate, ReferenceTemplate, SourceTemplate, Template, ValueTemplate } from "../template.ts";
import { compileTemplate, type InstanceFactory } from "./compile.ts";
import type { Instance } from "./dissected.ts";
import { builtinModule } from "./node-modules.ts";
import { readAsParentDoes } from "./tsx-in-threads.ts";

/** What a template has become here. */
type Defined =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "factory"; readonly template: SourceTemplate; factory: InstanceFactory | undefined }
  | { readonly kind: "packed"; readonly template: ValueTemplate }
  | { readonly kind: "failed"; readonly reason: unknown };

export class TemplateTable {
  readonly #defined = new Map<number, Defined>();
  readonly #loading = new Map<number, Promise<void>>();
  readonly #unpack: (template: ValueTemplate) => unknown;

  /** `unpack`: makes a shared value of what it was packed into. */
  constructor(unpack: (template: ValueTemplate) => unknown) {
    this.#unpack = unpack;
  }

  /**
   * Takes in templates. Returns a promise only if it has to wait for modules. Never throws or rejects: what cannot be
   * loaded throws its reason when it is instantiated.
   */
  define(templates: readonly Template[]): Promise<void> | undefined {
    const waiting: Promise<void>[] = [];
    for (const template of templates) {
      const loading = this.#loading.get(template.id) ?? (this.#defined.has(template.id) ? undefined : this.#define(template));
      if (loading !== undefined) waiting.push(loading);
    }
    return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined);
  }

  /** @param eager What the source needs while it is evaluated, in the template's order. */
  instantiate(templateId: number, eager: readonly unknown[] = []): Instance {
    const defined = this.#defined.get(templateId);
    if (defined === undefined)
      throw new SerializationError(`Cannot make a function as its template ${templateId} has not arrived`, { path: `template ${templateId}` });
    if (defined.kind === "failed") throw defined.reason;
    if (defined.kind === "packed") return { value: this.#make(defined.template) as Instance["value"], complete: undefined };
    if (defined.kind === "value") return { value: defined.value as Instance["value"], complete: undefined };
    defined.factory ??= compileTemplate(defined.template);
    return defined.factory(eager);
  }

  forget(templateIds: readonly number[]): void {
    for (const id of templateIds) this.#defined.delete(id);
  }

  /** Once: all who refer to it get the same. */
  #make(template: ValueTemplate): unknown {
    try {
      const value = this.#unpack(template);
      this.#defined.set(template.id, { kind: "value", value });
      return value;
    } catch (reason) {
      this.#defined.set(template.id, { kind: "failed", reason });
      throw reason;
    }
  }

  #define(template: Template): Promise<void> | undefined {
    if (template.kind === "source") {
      // Compiled when first used: much that is sent along is never called.
      this.#defined.set(template.id, { kind: "factory", template, factory: undefined });
      return undefined;
    }
    if (template.kind === "value") {
      this.#defined.set(template.id, { kind: "packed", template });
      return undefined;
    }
    if (template.kind === "reference" && template.loader === "import") return this.#import(template);
    this.#settle(template, () => (template.kind === "global" ? globalThis : requireModule(template.module)));
    return undefined;
  }

  #import(template: ReferenceTemplate): Promise<void> {
    readAsParentDoes();
    const loading = import(template.module).then(
      (exports: unknown) => this.#settle(template, () => exports),
      (reason: unknown) => this.#settle(template, () => fail(reason)),
    );
    const done = loading.finally(() => this.#loading.delete(template.id));
    this.#loading.set(template.id, done);
    return done;
  }

  #settle(template: ReferenceTemplate | GlobalTemplate, load: () => unknown): void {
    try {
      this.#defined.set(template.id, { kind: "value", value: follow(load(), template) });
    } catch (reason) {
      this.#defined.set(template.id, { kind: "failed", reason });
    }
  }
}

function requireModule(name: string): unknown {
  return name.startsWith("node:") ? builtinModule(name) : createRequire(name)(name);
}

function fail(reason: unknown): never {
  throw reason;
}

function follow(start: unknown, template: ReferenceTemplate | GlobalTemplate): unknown {
  let value = start;
  for (const [index, name] of template.path.entries()) {
    const holder = value as Record<string, unknown> | null | undefined;
    value = holder?.[name];
    if (value === undefined) throw missing(template, index);
  }
  return value;
}

function missing(template: ReferenceTemplate | GlobalTemplate, index: number): SerializationError {
  const name = template.path.slice(0, index + 1).join(".");
  const where = template.kind === "global" ? "here" : `in ${template.module}`;
  return new SerializationError(`Cannot find "${name}" ${where}, where the sender has it`, { path: name });
}
