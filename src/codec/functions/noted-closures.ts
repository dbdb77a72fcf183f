// Closures that are noted with a reader of their variables, which is asked in place of the inspector: it takes a thousandth
// of the time. What the reader's values mean is known of a place in the source once the inspector has shown one closure of
// it. Called by `dissect` and by those that pack closures.

import { isGlobalName } from "./builtins.ts";
import type { SourceFunction } from "./dissected.ts";
import type { FreeVariable, FunctionAnalysis } from "./function-analysis.ts";
import { hasEnumerable } from "./live-state.ts";
import type { LocationTemplates } from "./location-cache.ts";
import { noteOf } from "./notes.ts";

type AnyFunction = (...args: never[]) => unknown;

/** What is the same for all closures of one place. */
export interface NotedPlace {
  readonly analysis: FunctionAnalysis;
  readonly templates: LocationTemplates;
  /** Its variables, in the order in which the reader gives their values. */
  readonly captured: readonly FreeVariable[];
}

/** A closure as it is now. */
export interface NotedClosure {
  readonly place: NotedPlace;
  readonly values: readonly unknown[];
}

/** What a CommonJS module has without declaring it. */
const GIVEN_TO_MODULES: ReadonlySet<string> = new Set(["require", "module", "exports", "__filename", "__dirname"]);

/** `undefined`: the inspector must be asked for each closure of the place. */
const places = new WeakMap<object, NotedPlace | undefined>();

/**
 * The variables that a reader can give just as the inspector does, in the order of their first use; undefined for a
 * function of which something else must be known. Variables that functions assign are shared by the functions of one call,
 * which only scopes tell, unless they are the module's own.
 */
export function readableVariables({ variables, refusals, usesImportMeta, isClass, script }: FunctionAnalysis): FreeVariable[] | undefined {
  if (isClass || usesImportMeta || refusals.length > 0) return undefined;
  const isOfModule = ({ declaration, name }: FreeVariable): boolean => declaration !== undefined || (!script.isModule && GIVEN_TO_MODULES.has(name));
  const isReadable = (variable: FreeVariable): boolean =>
    variable.isCell ? variable.declaration?.isTopLevel === true : isOfModule(variable) || isGlobalName(variable.name);
  return variables.every(isReadable) ? variables.filter(isOfModule) : undefined;
}

/** Undefined if the inspector must be asked: also where it has something to say of a variable that cannot be read. */
export function readClosure(fn: AnyFunction): NotedClosure | undefined {
  const note = noteOf(fn);
  const place = note && places.get(note.place);
  // Properties that are not enumerable are given to all closures of a place, or to none.
  if (note === undefined || place === undefined || hasEnumerable(fn)) return undefined;
  try {
    return { place, values: note.read() };
  } catch {
    return undefined;
  }
}

/** Learns from what the inspector has shown. */
export function learnPlace(fn: AnyFunction, place: NotedPlace, { properties, superclass }: SourceFunction): void {
  const note = noteOf(fn);
  if (note === undefined || places.has(note.place)) return;
  const isAlike = properties.length === 0 && superclass === undefined && hasNames(place.captured, readableVariables(place.analysis));
  places.set(note.place, isAlike ? place : undefined);
}

function hasNames(captured: readonly FreeVariable[], readable: readonly FreeVariable[] | undefined): boolean {
  return readable?.length === captured.length && readable.every(({ name }, index) => name === captured[index]?.name);
}
