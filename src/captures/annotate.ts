// Writes notes into a source: `pool.submit(() => f(x, y))` becomes `pool.submit($dure(() => f(x, y), () => [f, x, y], 0))`.
// Pure; called by the loader.

import type { Node } from "acorn";
import { annotated, NOTING, type Insertion } from "../codec/functions/annotations.ts";
import { analyseFunction } from "../codec/functions/function-analysis.ts";
import { readableVariables } from "../codec/functions/noted-closures.ts";
import type { ScopeAnalysis } from "../codec/functions/scope-analysis.ts";
import { Script } from "../codec/functions/script.ts";
import { movedMap } from "./source-map.ts";
import { functionsSubmitted } from "./submit-calls.ts";

/** The names that the noting function uses. */
const NEEDED_NAMES = ["globalThis", "Symbol"];

/** Undefined where there is nothing to note. Throws a SyntaxError for a source that the parser cannot read. */
export function annotate(source: string, isModule: boolean): string | undefined {
  if (!/\bsubmit\s*\(/.test(source) || source.includes(NOTING) || wouldMislead(source)) return undefined;
  const script = new Script({ scriptId: "", url: "", startLine: 0, startColumn: 0, isModule }, source);
  const analysis = script.analysis();
  if (!canBeAnnotated(analysis)) return undefined;
  const insertions = notesFor(script, analysis);
  return insertions.length === 0 ? undefined : annotated(source, insertions, movedMap(source, insertions));
}

/** A map in a file of its own is not moved along. Where lines are as people write them, only columns of some are then off. */
function wouldMislead(source: string): boolean {
  return /^\/\/# sourceMappingURL=(?!data:)/m.test(source) && /^.{1000}/m.test(source);
}

/** What `eval` and `with` do to names cannot be known. */
function canBeAnnotated({ unanalysable, programScope }: ScopeAnalysis): boolean {
  return unanalysable.length === 0 && !NEEDED_NAMES.some((name) => programScope.bindings.has(name));
}

function notesFor(script: Script, { program, functions }: ScopeAnalysis): Insertion[] {
  const facts = new Map(functions.map((each) => [each.node as Node, each]));
  const names = new Map<Node, readonly string[]>();
  const isReadable = (fn: Node): boolean => {
    const found = facts.get(fn);
    const variables = found && readableVariables(analyseFunction(script, found));
    if (variables !== undefined) names.set(fn, variables.map(({ name }) => name)); // biome-ignore format: short
    return variables !== undefined;
  };
  return functionsSubmitted(program, isReadable).flatMap((fn, site) => noteFor(fn, names.get(fn) ?? [], site));
}

function noteFor({ start, end }: Node, names: readonly string[], site: number): Insertion[] {
  return [
    { at: start, text: `${NOTING}(` },
    { at: end, text: `, () => [${names.join(", ")}], ${site})` },
  ];
}
