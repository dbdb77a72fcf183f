// Decides how a function crosses and takes it apart. The near side's entry: called by the walker of values for the
// task's function and for every function that it finds.

import { types } from "node:util";
import { SerializationError } from "../../contract/errors.ts";
import type { ImportMeta, ReferenceTemplate, SourceTemplate } from "../template.ts";
import { isGlobalName } from "./builtins.ts";
import { captureRead, captureVariable } from "./capture.ts";
import type { CellTable, Dissected, FunctionRole, SourceFunction, WholeFunction } from "./dissected.ts";
import { analyseFunction, IMPORT_META_NAMES, type FreeVariable, type FunctionAnalysis } from "./function-analysis.ts";
import { isBeingEvaluated } from "./progress.ts";
import { inspect, type FunctionLocation, type Inspection } from "./inspection.ts";
import { LocationCache, LocationTemplates } from "./location-cache.ts";
import { learnPlace, readClosure } from "./noted-closures.ts";
import { builtinReference, explicitReference, exportReference, plainExportReference } from "./reference.ts";
import { requireTemplate } from "./require-function.ts";
import type { FunctionFacts } from "./scope-analysis.ts";
import { scopeHolding, type Scopes } from "./scopes.ts";
import type { Script } from "./script.ts";
import { addedProperties, nameOf, superclassOf } from "./live-state.ts";

type AnyFunction = (...args: never[]) => unknown;

/** What is known of a source location. */
interface LocationFacts {
  readonly analysis: FunctionAnalysis;
  readonly templates: LocationTemplates;
  /** Only for functions of ES modules, where the location decides. */
  readonly reference: ReferenceTemplate | undefined;
}

const locations = new LocationCache<LocationFacts>();
/** What stays true of a function object: kept as long as the object lives. */
const wholes = new WeakMap<AnyFunction, WholeFunction>();
const constants = new WeakMap<AnyFunction, ConstantFunction>();

/** What dissecting a function gave, and gives again as long as nobody adds a property to it. */
interface ConstantFunction {
  readonly dissected: SourceFunction;
  readonly ownKeys: number;
  /** A task may not do all that a value may. */
  readonly isTask: boolean;
}

/**
 * Takes a function or class apart.
 *
 * @param path How errors name it: `fn`, `args[0].callback`.
 * @param role How it will be called.
 * @param cells The cells of this pack.
 * @throws {SerializationError} If it cannot cross; the message names the variable or the cause, and what to do.
 */
export function dissect(fn: AnyFunction, path: string, role: FunctionRole, cells: CellTable): Dissected {
  const known = wholes.get(fn) ?? knownConstant(fn, role);
  if (known !== undefined) return known;
  const noted = dissectNoted(fn, cells);
  if (noted !== undefined) return noted;
  if (types.isProxy(fn)) throw refused(fn, path, "it is a Proxy, which cannot be looked into; submit the function behind it");
  const explicit = explicitReference(fn) ?? (isNative(fn) ? builtinReference(fn) : undefined);
  if (explicit !== undefined) return keepWhole(fn, explicit);
  const required = requireTemplate(fn);
  if (required !== undefined) return withoutVariables(required);
  return inspect(fn, path, (inspection) => dissectInspected(fn, path, role, cells, inspection));
}

/** Without the inspector. */
function dissectNoted(fn: AnyFunction, cells: CellTable): SourceFunction | undefined {
  const closure = readClosure(fn);
  if (closure === undefined) return undefined;
  const { templates, captured } = closure.place;
  const variables = captured.map((variable, index) => captureRead(variable, closure.values[index], cells));
  const constant = variables.every((variable) => variable.constant);
  return { ...withoutVariables(templates.templateFor(nameOf(fn), captured, undefined)), variables, constant };
}

/** Whether it is a class: called without `new`, it would throw. */
export function isClass(fn: AnyFunction): boolean {
  return /^class\b/.test(Function.prototype.toString.call(fn));
}

function isNative(fn: AnyFunction): boolean {
  return Function.prototype.toString.call(fn).endsWith("{ [native code] }");
}

function knownConstant(fn: AnyFunction, role: FunctionRole): SourceFunction | undefined {
  const known = constants.get(fn);
  if (known === undefined || known.ownKeys !== Reflect.ownKeys(fn).length) return undefined;
  return role === "task" && !known.isTask ? undefined : known.dissected;
}

function dissectInspected(fn: AnyFunction, path: string, role: FunctionRole, cells: CellTable, inspection: Inspection): Dissected {
  if (inspection.bound !== undefined) return { kind: "bound", ...inspection.bound };
  const { location } = inspection;
  if (location === undefined) throw refused(fn, path, NATIVE);
  const plain = plainReferenceOf(location, inspection);
  if (plain !== undefined) return keepWhole(fn, plain);
  const facts = factsOf(fn, path, location, inspection);
  if (facts.analysis.script.url.startsWith("node:")) return keepWhole(fn, builtinReference(fn) ?? raise(refused(fn, path, NATIVE)));
  if (facts.analysis.isMethod) refuse(fn, path, role, facts.analysis, inspection);
  const reference = referenceOf(fn, facts);
  if (reference !== undefined) return keepWhole(fn, reference);
  refuse(fn, path, role, facts.analysis, inspection);
  return dissectSource(fn, path, cells, facts, inspection);
}

/** Undefined if the parser must look, or has looked already. */
function plainReferenceOf(location: FunctionLocation, inspection: Inspection): ReferenceTemplate | undefined {
  if (locations.get(keyOf(location)) !== undefined) return undefined;
  const script = inspection.script();
  const reference = script.isModule ? plainExportReference(script, script.offsetOf(location.line, location.column)) : undefined;
  return reference !== undefined && !isBeingEvaluated(script) ? reference : undefined;
}

function referenceOf(fn: AnyFunction, { analysis, reference }: LocationFacts): ReferenceTemplate | undefined {
  const found = analysis.script.isModule ? reference : exportReference(fn, analysis.script, undefined);
  return found !== undefined && !isBeingEvaluated(analysis.script) ? found : undefined;
}

const NATIVE = "it is a native function that has no global name; call it in a function of your own: (...args) => nativeFunction(...args)";

function keepWhole(fn: AnyFunction, template: WholeFunction["template"]): WholeFunction {
  const dissected: WholeFunction = { kind: "whole", template };
  wholes.set(fn, dissected);
  return dissected;
}

function withoutVariables(template: SourceTemplate): SourceFunction {
  return { kind: "source", template, eager: [], variables: [], superclass: undefined, properties: [], privateStatics: [], constant: true };
}

function factsOf(fn: AnyFunction, path: string, location: FunctionLocation, inspection: Inspection): LocationFacts {
  const key = keyOf(location);
  const known = locations.get(key);
  if (known !== undefined) return known;
  const facts = analyseLocation(fn, path, location, inspection);
  locations.set(key, facts);
  return facts;
}

function keyOf({ scriptId, line, column }: FunctionLocation): string {
  return `${scriptId}:${line}:${column}`;
}

function analyseLocation(fn: AnyFunction, path: string, location: FunctionLocation, inspection: Inspection): LocationFacts {
  const script = inspection.script();
  try {
    const found = functionAt(script, location) ?? functionAlone(fn, script, location);
    const analysis = analyseFunction(found.script, found.facts);
    const reference = script.isModule && found.script === script ? exportReference(fn, script, found.facts) : undefined;
    return { analysis, reference, templates: new LocationTemplates(analysis) };
  } catch (cause) {
    throw refused(fn, path, `its source could not be analysed (${(cause as Error).message}); export it from a module and submit that`, cause);
  }
}

interface FoundFunction {
  readonly script: Script;
  readonly facts: FunctionFacts;
}

/** Undefined if the parser cannot read the script, or finds nothing there. */
function functionAt(script: Script, location: FunctionLocation): FoundFunction | undefined {
  try {
    const facts = script.functionAt(script.offsetOf(location.line, location.column));
    return facts && { script, facts };
  } catch {
    return undefined;
  }
}

function functionAlone(fn: AnyFunction, script: Script, location: FunctionLocation): FoundFunction {
  const fragment = script.fragment(Function.prototype.toString.call(fn), location.line);
  const facts = fragment.analysis().functions[0];
  if (facts === undefined) throw new Error("it is no function");
  return { script: fragment, facts };
}

function refuse(fn: AnyFunction, path: string, role: FunctionRole, analysis: FunctionAnalysis, inspection: Inspection): void {
  for (const { when, reason } of analysis.refusals) {
    if (when === "task" && role !== "task") continue;
    if (when === "scoped" && inspection.scopes().length <= 1) continue;
    throw refused(fn, path, reason);
  }
}

function refused(fn: AnyFunction, path: string, reason: string, cause?: unknown): SerializationError {
  const name = typeof fn.name === "string" && fn.name !== "" ? `"${fn.name}" ` : "";
  return new SerializationError(`Cannot send the function ${name}(${path}) to a worker as ${reason}`, { path, cause });
}

function raise(error: Error): never {
  throw error;
}

function dissectSource(fn: AnyFunction, path: string, cells: CellTable, { analysis, templates }: LocationFacts, inspection: Inspection): SourceFunction {
  const needsScopes = analysis.variables.length > 0 || analysis.usesImportMeta;
  const scopes = needsScopes ? inspection.scopes() : [];
  const captured = analysis.variables.filter((variable) => isCaptured(fn, path, analysis, variable, scopes));
  const values = captured.map((variable) => captureVariable(variable, analysis, scopes, path, cells));
  const template = templates.templateFor(methodName(analysis, nameOf(fn)), captured, importMetaOf(analysis, scopes));
  const dissected: SourceFunction = {
    kind: "source",
    template,
    eager: values.filter((_, index) => captured[index]?.eager).map(({ value }) => value),
    variables: values.filter((_, index) => !captured[index]?.eager),
    superclass: superclassOf(fn, analysis),
    properties: addedProperties(fn, analysis),
    privateStatics: inspection.privateFields(analysis.privateStatics),
    constant: false,
  };
  learnPlace(fn, { analysis, templates, captured }, dissected);
  return template.importMeta?.env === undefined ? keepIfConstant(fn, dissected, analysis) : dissected;
}

/** `get x` is the name of the getter of `x`. */
function methodName(analysis: FunctionAnalysis, name: string): string {
  return analysis.kind === "get" || analysis.kind === "set" ? name.replace(/^[gs]et /, "") : name;
}

function keepIfConstant(fn: AnyFunction, dissected: SourceFunction, analysis: FunctionAnalysis): SourceFunction {
  const isConstant =
    !analysis.isClass && dissected.variables.every((variable) => variable.constant) && dissected.properties.length === 0 && dissected.superclass === undefined;
  if (!isConstant) return dissected;
  const kept: SourceFunction = { ...dissected, constant: true };
  constants.set(fn, { dissected: kept, ownKeys: Reflect.ownKeys(fn).length, isTask: !analysis.refusals.some(({ when }) => when === "task") });
  return kept;
}

/** Whether a free variable is one to send: not a global that every thread has, nor a name that is declared nowhere. */
function isCaptured(fn: AnyFunction, path: string, analysis: FunctionAnalysis, variable: FreeVariable, scopes: Scopes): boolean {
  const scope = scopeHolding(scopes, variable.name);
  if (scope !== undefined) return scope !== scopes.at(-1)?.object || !isGlobalName(variable.name);
  const { declaration } = variable;
  if (declaration === undefined || (declaration.isTopLevel && !analysis.script.isModule)) return false;
  throw new SerializationError(
    `Cannot send the function "${fn.name}" (${path}) to a worker as its variable "${variable.name}" cannot be read from outside${readableMend(variable)}`,
    { path: `${path}.${variable.name}` },
  );
}

/** V8 shows what functions use; but the key of a class's member is used before there are any, and own names are kept elsewhere. */
function readableMend({ eager, name, declaration }: FreeVariable): string {
  if (declaration?.kind === "self") return `, as it is a function expression's own name; assign the function to a variable and call it by that`;
  return eager ? `, as only a key of a member is made of it; use it in a method, too (void ${name};), or write the key out` : "; pass its value as an argument";
}

function importMetaOf(analysis: FunctionAnalysis, scopes: Scopes): ImportMeta | undefined {
  if (!analysis.usesImportMeta) return undefined;
  for (const name of IMPORT_META_NAMES) {
    const meta = scopeHolding(scopes, name)?.[name] as { url?: unknown; env?: object } | undefined;
    if (typeof meta?.url !== "string") continue;
    const env = meta.env && (envOfVitest() ?? meta.env);
    return env === undefined ? { url: meta.url } : { url: meta.url, env: textsAndFlags(env) };
  }
  return { url: analysis.script.url };
}

/** Its own, which tests may change, is in place of that of Vite. */
function envOfVitest(): object | undefined {
  return (globalThis as { __vitest_worker__?: { metaEnv?: object } }).__vitest_worker__?.metaEnv;
}

function textsAndFlags(env: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => typeof value === "string" || typeof value === "boolean"));
}
