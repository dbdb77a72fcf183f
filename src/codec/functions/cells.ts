// Which functions share a variable that they assign: those share its cell. Called when variables are captured.

import { VariableCell, type CellTable } from "./dissected.ts";
import type { Declaration, FreeVariable, FunctionAnalysis } from "./function-analysis.ts";
import { readVariable } from "./scopes.ts";

/** The cell of a variable that functions assign, for the function that `analysis` is of. */
export function cellFor({ declaration, name }: FreeVariable, analysis: FunctionAnalysis, scope: Record<string, unknown>, cells: CellTable): VariableCell {
  const value = scope[name];
  if (declaration === undefined) return new VariableCell(value);
  const binding = lastingBinding(declaration, scope) ?? likelyBinding(declaration, analysis, scope, cells);
  return cellOf(binding, value, cells);
}

/** The cell of a variable of a module: there is only one such variable. */
export function moduleCell({ id }: Declaration, value: unknown, cells: CellTable): VariableCell {
  return cellOf(id, value, cells);
}

function cellOf(binding: string, value: unknown, cells: CellTable): VariableCell {
  const known = cells.get(binding);
  if (known !== undefined) return known;
  const cell = new VariableCell(value);
  cells.set(binding, cell);
  return cell;
}

/**
 * What is equal for two functions that captured the same variable. Scopes are copies, so two calls of a function can
 * be told apart only by the objects that each made; undefined where there are none.
 */
function lastingBinding({ id, isTopLevel, anchors }: Declaration, scope: Record<string, unknown>): string | undefined {
  if (isTopLevel) return id;
  for (const name of anchors) {
    const anchor = readVariable(scope, name);
    if (isObject(anchor)) return `${id}:${numberOf(anchor)}`;
  }
  return undefined;
}

/** How many functions of each place in the source, seeing the same values, have been met in a pack. */
const meetings = new WeakMap<CellTable, Map<string, number>>();

/**
 * The same where nothing tells the calls apart. Each call makes one function of each place, as a rule: so the first of
 * one place is taken to share with the first of another, if both see the same values, and the second with the second.
 */
function likelyBinding({ id }: Declaration, { script, line, column }: FunctionAnalysis, scope: Record<string, unknown>, cells: CellTable): string {
  let met = meetings.get(cells);
  if (met === undefined) meetings.set(cells, (met = new Map()));
  const values = Object.keys(scope).map((name) => shown(readVariable(scope, name)));
  const seen = `${id}:${values.join()}`;
  const by = `${seen}:${script.id}:${line}:${column}`;
  const count = met.get(by) ?? 0;
  met.set(by, count + 1);
  return `${seen}:likely ${count}`;
}

/** Long texts are told apart by their beginnings: that is enough here. */
function shown(value: unknown): string {
  return isObject(value) ? `object ${numberOf(value)}` : `${typeof value} ${String(value).slice(0, 100)}`;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

const objectNumbers = new WeakMap<object, number>();
let lastObjectNumber = 0;

function numberOf(object: object): number {
  const known = objectNumbers.get(object);
  if (known !== undefined) return known;
  objectNumbers.set(object, ++lastObjectNumber);
  return lastObjectNumber;
}
