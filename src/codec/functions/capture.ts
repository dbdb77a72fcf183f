// Reads one captured variable out of the scopes around a function. Called by `dissect`.

import { types } from "node:util";
import { SerializationError } from "../../contract/errors.ts";
import { VariableCell, type CapturedVariable, type CellTable } from "./dissected.ts";
import type { FreeVariable, FunctionAnalysis } from "./function-analysis.ts";
import { isUninitialised } from "./initialisation.ts";
import type { Inspection } from "./inspection.ts";
import { wholeVariable } from "./whole-object.ts";

export type Scopes = ReturnType<Inspection["scopes"]>;

/** The innermost scope that has the name. */
export function scopeHolding(scopes: Scopes, name: string): Record<string, unknown> | undefined {
  for (const { object, description } of scopes) {
    // Only the global object and that of a `with` inherit names; the others are V8's copies of variables.
    const inherits = description !== undefined && /^(Global|With)/.test(description);
    if (inherits ? name in object : Object.hasOwn(object, name)) return object;
  }
  return undefined;
}

export function captureVariable(variable: FreeVariable, analysis: FunctionAnalysis, scopes: Scopes, path: string, cells: CellTable): CapturedVariable {
  const value = scopeHolding(scopes, variable.name)?.[variable.name];
  const { declaration, name } = variable;
  const isWhole = typeof value === "object" && value !== null && wholeVariable(value) !== undefined;
  if (value === undefined && declaration !== undefined && isUninitialised(analysis.script, declaration)) throw uninitialised(name, path);
  return {
    name,
    value: variable.isCell ? cellFor(variable, value, cells) : value,
    constant: isConstant(variable, value),
    properties: variable.isCell || isWhole ? undefined : propertiesRead(variable, value),
  };
}

function uninitialised(name: string, path: string): SerializationError {
  return new SerializationError(
    `Cannot send the function (${path}) to a worker as its variable "${name}" is not initialised yet; submit it after the declaration of "${name}" has run`,
    { path: `${path}.${name}` },
  );
}

/** Functions that share a variable share its cell. Only top-level variables can be told to be the same. */
function cellFor({ declaration }: FreeVariable, value: unknown, cells: CellTable): VariableCell {
  const binding = declaration?.binding;
  if (binding === undefined) return new VariableCell(value);
  const known = cells.get(binding);
  if (known !== undefined) return known;
  const cell = new VariableCell(value);
  cells.set(binding, cell);
  return cell;
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
  if (types.isModuleNamespaceObject(value) || /^__vite_ssr_import_\d+__$/.test(name)) return true;
  return !types.isProxy(value) && ("__esModule" in value || Object.prototype.toString.call(value) === "[object Module]");
}

function isPlain(value: object): boolean {
  if (types.isProxy(value) || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // Also the Object.prototype of another context.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty"));
}
