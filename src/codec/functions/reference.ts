// Decides which functions cross by reference: as an export that the receiver's own loader gives it. Called by `dissect`.

import type { Class, ModuleDeclaration, Node, Statement } from "acorn";
import type { GlobalTemplate, ReferenceTemplate } from "../template.ts";
import { builtinPlace } from "./builtins.ts";
import { isPlainScript, loadsAlike, modulePath } from "./loading.ts";
import { commonJsModules } from "./node-modules.ts";
import { plainExport } from "./plain-export.ts";
import { isProgramFile } from "./program-files.ts";
import type { FunctionFacts, ScopeAnalysis } from "./scope-analysis.ts";
import type { Script } from "./script.ts";
import { explicitTask } from "./task.ts";
import { nextTemplateId } from "./template-ids.ts";

type AnyFunction = (...args: never[]) => unknown;
type WholeTemplate = ReferenceTemplate | GlobalTemplate;

/** What `task(url, name)` made. */
export function explicitReference(fn: AnyFunction): ReferenceTemplate | undefined {
  const named = explicitTask(fn);
  return named && { kind: "reference", id: nextTemplateId(), loader: "import", module: named.module, path: [named.name] };
}

/** A function, class or namespace object of the language or of Node. */
export function builtinReference(value: object): WholeTemplate | undefined {
  const place = builtinPlace(value);
  if (place === undefined) return undefined;
  if (place.module === undefined) return { kind: "global", id: nextTemplateId(), path: place.path };
  return { kind: "reference", id: nextTemplateId(), loader: "require", module: place.module, path: place.path };
}

/** An export of a module that a worker can load as this thread did. */
export function exportReference(fn: AnyFunction, script: Script, facts: FunctionFacts | undefined): ReferenceTemplate | undefined {
  if (!script.isModule) return commonJsReference(fn, script);
  const path = facts && exportPath(script.analysis(), facts);
  return path && moduleReference(script, path);
}

/** An export that is told without the parser. `offset`: the function's location in a module. */
export function plainExportReference(script: Script, offset: number): ReferenceTemplate | undefined {
  const name = plainExport(script.source, offset);
  return name === undefined ? undefined : moduleReference(script, [name]);
}

function moduleReference(script: Script, path: readonly string[]): ReferenceTemplate | undefined {
  return loadsAlike(script) ? { kind: "reference", id: nextTemplateId(), loader: "import", module: script.url, path } : undefined;
}

// CommonJS: a module's exports are an ordinary object, so what counts is what it holds now.

function commonJsReference(fn: AnyFunction, script: Script): ReferenceTemplate | undefined {
  const path = modulePath(script.url);
  const module = path === undefined ? undefined : commonJsModules()[path];
  if (path === undefined || module === undefined || module.id === "." || !module.loaded) return undefined;
  const exported = pathInExports(module.exports, fn);
  if (exported === undefined || !loadsAlike(script)) return undefined;
  return { kind: "reference", id: nextTemplateId(), loader: "require", module: path, path: exported };
}

function pathInExports(exports: unknown, fn: AnyFunction): string[] | undefined {
  if (exports === fn) return [];
  if ((typeof exports !== "object" && typeof exports !== "function") || exports === null) return undefined;
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
    // Getters only where a compiler wrote them: others may do anything.
    const isExport = "value" in descriptor || "__esModule" in exports;
    if (isExport && (exports as Record<string, unknown>)[key] === fn) return [key];
  }
  return undefined;
}

/** The exports object of a CommonJS module, captured whole. Of one that is rewritten as it loads, the parts that are used are sent. */
export function exportsReference(value: object): ReferenceTemplate | undefined {
  for (const [path, module] of Object.entries(commonJsModules())) {
    if (module?.exports === value && module.loaded && !isProgramFile(path) && isPlainScript(path)) {
      return { kind: "reference", id: nextTemplateId(), loader: "require", module: path, path: [] };
    }
  }
  return undefined;
}

// ES modules: decided on the source, as importing one to look would have to wait.

/** The way to the function from the module's exports, if its location is the initialiser of a lasting export. */
function exportPath(analysis: ScopeAnalysis, facts: FunctionFacts): string[] | undefined {
  const { container, node } = facts;
  if (container === undefined) {
    const name = exportName(analysis, node);
    return name === undefined ? undefined : [name];
  }
  if (container.type !== "MethodDefinition" || !container.static || container.kind !== "method" || container.computed) return undefined;
  const owner = analysis.functions.find(
    (candidate) => (candidate.node as Class).body.type === "ClassBody" && (candidate.node as Class).body.body.includes(container),
  );
  const className = owner && exportName(analysis, owner.node);
  return className !== undefined && container.key.type === "Identifier" ? [className, container.key.name] : undefined;
}

function exportName(analysis: ScopeAnalysis, node: Node): string | undefined {
  for (const statement of analysis.program.body) {
    if (statement.type === "ExportDefaultDeclaration" && (statement.declaration as Node) === node && !isReassigned(analysis, node)) return "default";
  }
  const binding = [...analysis.programScope.bindings.values()].find((candidate) => candidate.initialiser === node);
  if (binding === undefined || isReassigned(analysis, node)) return undefined;
  for (const statement of analysis.program.body) {
    const name = nameExportedBy(statement, binding.name);
    if (name !== undefined) return name;
  }
  return undefined;
}

function isReassigned(analysis: ScopeAnalysis, node: Node): boolean {
  for (const binding of analysis.programScope.bindings.values()) {
    if (binding.initialiser === node) return binding.declarations > 1 || binding.references.some((reference) => reference.writes);
  }
  return false;
}

function nameExportedBy(statement: Statement | ModuleDeclaration, local: string): string | undefined {
  if (statement.type === "ExportDefaultDeclaration") {
    const declaration = statement.declaration;
    return declaration.type === "Identifier" && declaration.name === local ? "default" : undefined;
  }
  if (statement.type !== "ExportNamedDeclaration" || statement.source) return undefined;
  if (statement.declaration) return declares(statement.declaration, local) ? local : undefined;
  const specifier = statement.specifiers.find((candidate) => candidate.local.type === "Identifier" && candidate.local.name === local);
  if (specifier === undefined) return undefined;
  return specifier.exported.type === "Identifier" ? specifier.exported.name : String(specifier.exported.value);
}

function declares(declaration: Node, local: string): boolean {
  const { id, declarations } = declaration as { id?: { name?: string } | null; declarations?: { id: { name?: string } }[] } & Node;
  return id?.name === local || (declarations?.some((declarator) => declarator.id.name === local) ?? false);
}
