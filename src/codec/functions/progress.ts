// How far a script has come, told by the stack: whether a variable that reads as `undefined` is not initialised yet (V8
// before Node 22 shows both alike), and whether a module is still being evaluated. Called by `dissect`.

import type { Declaration } from "./function-analysis.ts";
import { isWithin, type ScopeAnalysis } from "./scope-analysis.ts";
import type { Script } from "./script.ts";

const NEEDS_INITIALISING: ReadonlySet<string> = new Set(["let", "const", "class", "using"]);

export function isUninitialised(script: Script, declaration: Declaration): boolean {
  if (!NEEDS_INITIALISING.has(declaration.kind)) return false;
  if (declaration.neverUndefined && declaration.assignedOnce) return true;
  return runsBefore(script, declaration);
}

/** Whether the code that holds the declaration is running right now, at a point before it. */
function runsBefore(script: Script, declaration: Declaration): boolean {
  const analysis = script.analysis();
  const holder = innermostFunction(analysis, declaration.initialisedAt);
  return positionsOnStack(script).some((position) => {
    const inScope = position >= declaration.scopeStart && position <= declaration.scopeEnd;
    return inScope && position < declaration.initialisedAt && innermostFunction(analysis, position) === holder;
  });
}

/**
 * Whether the script's own top level is running now, or waits for what called us. A worker that imported the module
 * would come to the same call again.
 */
export function isBeingEvaluated(script: Script): boolean {
  const positions = positionsOnStack(script);
  return positions.some((position) => innermostFunction(script.analysis(), position) === undefined);
}

function innermostFunction(analysis: ScopeAnalysis, position: number): unknown {
  return analysis.functions.findLast(({ node }) => isWithin({ start: position, end: position }, node))?.node;
}

/** Where the script is being executed: its calls that have not returned. */
function positionsOnStack(script: Script): number[] {
  return callSites()
    .filter((site) => site.getScriptNameOrSourceURL() === script.url)
    .map((site) => script.offsetOf((site.getLineNumber() ?? 1) - 1, (site.getColumnNumber() ?? 1) - 1));
}

function callSites(): NodeJS.CallSite[] {
  // oxlint-disable-next-line typescript/unbound-method -- only put back, never called
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    // Positions of the code that runs, not those that source maps would make of them.
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.stackTraceLimit = 1000;
    return new Error("call sites").stack as unknown as NodeJS.CallSite[];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}
