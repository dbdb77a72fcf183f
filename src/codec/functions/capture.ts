// Reads one captured variable out of the scopes around a function. Called by `dissect`.

import { isBuiltin } from "node:module";
import { types } from "node:util";
import { SerializationError } from "../../contract/errors.ts";
import { cellFor, moduleCell } from "./cells.ts";
import { BuiltinExport, VariableCell, type CapturedVariable, type CellTable } from "./dissected.ts";
import type { Declaration, FreeVariable, FunctionAnalysis } from "./function-analysis.ts";
import { isUninitialised } from "./progress.ts";
import { readVariable, scopeHolding, UNINITIALISED, type Scopes } from "./scopes.ts";
import { nextTemplateId } from "./template-ids.ts";
import { wholeVariable } from "./whole-object.ts";

export function captureVariable(variable: FreeVariable, analysis: FunctionAnalysis, scopes: Scopes, path: string, cells: CellTable): CapturedVariable {
  const scope = scopeHolding(scopes, variable.name) ?? {};
  const value = readVariable(scope, variable.name);
  const { declaration, name } = variable;
  const isMissing = value === UNINITIALISED || (value === undefined && declaration !== undefined && isUninitialised(analysis.script, declaration));
  if (isMissing) throw uninitialised(name, path);
  return captureValue(variable, value, () => cellFor(variable, analysis, scope, cells));
}

/** A variable whose value a noted closure gives. */
export function captureRead(variable: FreeVariable, value: unknown, cells: CellTable): CapturedVariable {
  const { declaration } = variable;
  return captureValue(variable, value, () => (declaration === undefined ? new VariableCell(value) : moduleCell(declaration, value, cells)));
}

/** A variable whose value is known; `cell` gives the one that stands for it if functions assign it. */
function captureValue(variable: FreeVariable, value: unknown, cell: () => VariableCell): CapturedVariable {
  const { declaration, name } = variable;
  const isWhole = typeof value === "object" && value !== null && wholeVariable(value) !== undefined;
  const own = isWhole ? undefined : builtinExport(declaration, value);
  if (own !== undefined) return { name, value: own, constant: true, properties: undefined };
  const constant = isConstant(variable, value);
  if (variable.isCell) return { name, value: cell(), constant, properties: undefined };
  if (types.isProxy(value) && isImportOfVite(name)) return { name, value: readThrough(value, variable.members ?? []), constant, properties: variable.members };
  return { name, value, constant, properties: isWhole ? undefined : propertiesRead(variable, value) };
}

/** By module and name, so that a variable captured by many functions is one. */
const builtinExports = new Map<string, BuiltinExport>();

/** Functions and namespaces of Node cross by name anyway; other values may differ in the receiver, and its own is what is meant. */
function builtinExport(declaration: Declaration | undefined, value: unknown): BuiltinExport | undefined {
  const { source, name } = declaration?.imported ?? {};
  if (source === undefined || name === undefined || name === "*" || typeof value === "function" || !isBuiltin(source)) return undefined;
  const module = source.startsWith("node:") ? source : `node:${source}`;
  const key = `${module} ${name}`;
  const known = builtinExports.get(key);
  if (known !== undefined) return known;
  const made = new BuiltinExport({ kind: "reference", id: nextTemplateId(), loader: "require", module, path: [name] });
  builtinExports.set(key, made);
  return made;
}

/** Vite puts what a module of Node or of CommonJS exports behind a Proxy, of its own and harmless. */
function readThrough(proxy: unknown, members: readonly string[]): object {
  return Object.fromEntries(members.map((member) => [member, (proxy as Record<string, unknown>)[member]]));
}

function isImportOfVite(name: string): boolean {
  return /^__vi(te_ssr)?_import_\d+__$/.test(name);
}

function uninitialised(name: string, path: string): SerializationError {
  return new SerializationError(
    `Cannot send the function (${path}) to a worker as its variable "${name}" is not initialised yet; submit it after the declaration of "${name}" has run`,
    { path: `${path}.${name}` },
  );
}

function isConstant({ declaration, isCell }: FreeVariable, value: unknown): boolean {
  if (isCell || declaration === undefined || !declaration.assignedOnce) return false;
  // A `var` or a loop's variable may be read before its one assignment; an import may change where it is declared.
  if (declaration.kind === "import") return typeof value === "function";
  return declaration.kind !== "var" || value !== undefined;
}

/** The properties to send in place of the whole object, where the function reads nothing else of it. */
function propertiesRead({ members, memberCalled, name }: FreeVariable, value: unknown): readonly string[] | undefined {
  if (members === undefined || typeof value !== "object" || value === null || value instanceof VariableCell) return undefined;
  // A method that is called with the object as `this` may use all of it; a module's function does not.
  const isModule = isModuleLike(value, name);
  if (!isModule && (memberCalled || !isPlain(value))) return undefined;
  return members;
}

function isModuleLike(value: object, name: string): boolean {
  if (types.isModuleNamespaceObject(value) || isImportOfVite(name)) return true;
  return !types.isProxy(value) && ("__esModule" in value || Object.prototype.toString.call(value) === "[object Module]");
}

function isPlain(value: object): boolean {
  if (types.isProxy(value) || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // Also the Object.prototype of another context.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty"));
}
