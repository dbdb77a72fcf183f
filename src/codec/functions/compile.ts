// Compiles the source of a template once, into a factory of instances. The far side; called by the template table.

import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { constants, Script } from "node:vm";
import type { ImportMeta, SourceTemplate } from "../template.ts";
import type { Instance, InstanceParts, OwnProperty } from "./dissected.ts";
import { readAsParentDoes } from "./tsx-in-threads.ts";

/** Makes one instance; its variables are empty until it is completed. */
export type InstanceFactory = (eager: readonly unknown[]) => Instance;

type AnyFunction = (...args: never[]) => unknown;

/** What the compiled code is given: the names are those of `SUPPLIED` on the near side. */
interface Supplied {
  readonly importMeta: object | undefined;
  readonly require: NodeJS.Require | undefined;
}

type Compiled = (
  importMeta: object | undefined,
  require: NodeJS.Require | undefined,
  coverage: () => object,
  base: new () => object,
  statics: (setter: (values: readonly unknown[]) => void) => void,
  ...eager: unknown[]
) => [value: AnyFunction, setVariables: (values: readonly unknown[]) => void];

export function compileTemplate(template: SourceTemplate): InstanceFactory {
  const compiled = compile(template);
  const supplied: Supplied = {
    importMeta: template.importMeta && importMetaOf(template.importMeta),
    require: template.requirePath === undefined ? undefined : createRequire(template.requirePath),
  };
  return (eager) => instantiate(compiled, supplied, eager);
}

function instantiate(compiled: Compiled, supplied: Supplied, eager: readonly unknown[]): Instance {
  let setStatics: ((values: readonly unknown[]) => void) | undefined;
  const keepSetter = (setter: (values: readonly unknown[]) => void): void => {
    setStatics = setter;
  };
  // A class extends Object until it is given its superclass: `super` looks that up anew at each call.
  const [value, setVariables] = compiled(supplied.importMeta, supplied.require, countNothing, Object, keepSetter, ...eager);
  return {
    value,
    complete: (parts: InstanceParts) => {
      setVariables(parts.variables);
      if (parts.superclass !== undefined) inherit(value, parts.superclass.value);
      for (const property of parts.properties) defineProperty(value, property);
      setStatics?.(parts.privateStatics);
    },
  };
}

function inherit(value: AnyFunction, superclass: object | null): void {
  Object.setPrototypeOf(value, superclass);
  const { prototype } = value as { prototype?: object };
  if (prototype !== undefined && superclass !== null) Object.setPrototypeOf(prototype, (superclass as { prototype: object }).prototype);
}

function defineProperty(fn: AnyFunction, { on, key, value, isAccessor, enumerable }: OwnProperty): void {
  const holder = on === "self" ? fn : (fn as { prototype?: object }).prototype;
  if (holder === undefined) return;
  const content = isAccessor ? (value as Pick<PropertyDescriptor, "get" | "set">) : { value, writable: true };
  Object.defineProperty(holder, key, { ...content, enumerable, configurable: true });
}

/** Stands in for a coverage tool's counters, which have no meaning in a worker. */
function countNothing(): object {
  return new Proxy([], { get: () => new Proxy([], { get: () => [] }) });
}

function compile(template: SourceTemplate): Compiled {
  const { before, after } = surroundings(template);
  const usesImport = /\bimport\b/.test(template.source);
  if (usesImport) silenceImportWarning();
  if (/\bimport\s*\(/.test(template.source)) readAsParentDoes();
  const script = new Script(before + template.source + after, {
    filename: template.file,
    lineOffset: template.line,
    columnOffset: template.column - before.length,
    ...(usesImport ? { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER } : {}),
  });
  return script.runInThisContext() as Compiled;
}

function surroundings({ strict, variables, eager }: SourceTemplate): { before: string; after: string } {
  const parameters = ["$dureImportMeta", "$dureRequire", "$dureCoverage", "$dureBase", "$dureStatics", ...eager].join(", ");
  const declarations = variables.length === 0 ? "" : `${strict ? "let" : "var"} ${variables.join(", ")}; `;
  // V8 forgets what no function uses; a class that crosses again is asked for what its keys were made of.
  const kept = eager.length === 0 ? "" : `void [${eager.join(", ")}]; `;
  const assignments = kept + variables.map((name, index) => `${name} = values[${index}];`).join(" ");
  return {
    before: `(function (${parameters}) { ${strict ? '"use strict"; ' : ""}${declarations}return [`,
    after: `, function ($dureValues) { ${assignments.replaceAll("values[", "$dureValues[")} }]; })`,
  };
}

function importMetaOf({ url, env }: ImportMeta): object {
  const require = url.startsWith("file:") ? createRequire(url) : undefined;
  const filename = url.startsWith("file:") ? fileURLToPath(url) : undefined;
  return {
    __proto__: null,
    url,
    ...(filename === undefined ? {} : { filename, dirname: dirname(filename) }),
    ...(env === undefined ? {} : { env }),
    resolve: (specifier: string) => resolve(specifier, url, require),
  };
}

function resolve(specifier: string, url: string, require: NodeJS.Require | undefined): string {
  if (/^(\.{0,2}\/)/.test(specifier)) return new URL(specifier, url).href;
  if (URL.canParse(specifier)) return specifier;
  const found = require?.resolve(specifier) ?? specifier;
  return found.startsWith("/") || /^[A-Za-z]:\\/.test(found) ? pathToFileURL(found).href : `node:${found.replace(/^node:/, "")}`;
}

let isSilenced = false;

/** Node warns once of using its loader for a script's `import()`. The choice is ours, so the user need not read of it. */
function silenceImportWarning(): void {
  if (isSilenced) return;
  isSilenced = true;
  // oxlint-disable-next-line typescript/unbound-method -- only put back, never called
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    const trial = new Script('import("node:path")', { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
    (trial.runInThisContext() as Promise<unknown>).catch(() => {});
  } finally {
    process.emitWarning = emitWarning;
  }
}
