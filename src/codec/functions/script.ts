// One script of this program as V8 runs it (types stripped, transpiled, bundled), with what its analysis found. Made by
// the inspection, kept while its functions are dissected.

import { analyseScopes, type FunctionFacts, type ScopeAnalysis } from "./scope-analysis.ts";
import { unannotated, type Unannotated } from "./annotations.ts";
import { parseProgram } from "./parser.ts";

/** What the inspector says of a script. */
export interface ScriptInfo {
  readonly scriptId: string;
  readonly url: string;
  readonly startLine: number;
  readonly startColumn: number;
  readonly isModule?: boolean | undefined;
  /** Of the source, in UTF-16 units. */
  readonly length?: number | undefined;
}

interface AnnotatedText {
  readonly text: string;
  readonly lineStarts: readonly number[];
  readonly before: Unannotated;
}

export class Script {
  readonly id: string;
  /** A URL, a path, or a name such as `[eval]`. */
  readonly url: string;
  readonly isModule: boolean;
  /** As the user wrote it, or as others made it of that: without what `dure/captures` put in. */
  readonly source: string;
  /** As it runs, if that is not the same. */
  readonly #annotated: AnnotatedText | undefined;
  readonly #startLine: number;
  readonly #startColumn: number;
  #lineStarts: number[] | undefined;
  /** The tree is many times the source's size, so it goes when memory is needed. */
  #analysis: WeakRef<ScopeAnalysis> | undefined;

  constructor(info: ScriptInfo, source: string) {
    this.id = info.scriptId;
    this.url = info.url;
    this.isModule = info.isModule ?? false;
    const before = unannotated(source);
    this.source = before?.source ?? source;
    this.#annotated = before && { text: source, lineStarts: lineStarts(source), before };
    this.#startLine = info.startLine;
    this.#startColumn = info.startColumn;
  }

  /** The position in `source` of a line and column as V8 counts them for this script. */
  offsetOf(line: number, column: number): number {
    const offset = this.#runningOffsetOf(line, column);
    return this.#annotated?.before.offsetOf(offset) ?? offset;
  }

  #runningOffsetOf(line: number, column: number): number {
    const relativeLine = line - this.#startLine;
    const start = (this.#annotated?.lineStarts ?? this.#lines())[relativeLine] ?? 0;
    return start + (relativeLine === 0 ? column - this.#startColumn : column);
  }

  /** Whether a function that is `text` as it runs is at this line and column. */
  has(text: string, line: number, column: number): boolean {
    const offset = this.#runningOffsetOf(line, column);
    const start = (this.#annotated?.text ?? this.source).lastIndexOf(text, offset);
    return start >= 0 && offset < start + text.length;
  }

  /** The line and column, as V8 would count them, of a position in `source`. */
  positionOf(offset: number): { line: number; column: number } {
    const lines = this.#lines();
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lines[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    const column = offset - (lines[low] as number);
    return { line: low + this.#startLine, column: low === 0 ? column + this.#startColumn : column };
  }

  /** Throws a SyntaxError for what the parser does not know. */
  analysis(): ScopeAnalysis {
    const known = this.#analysis?.deref();
    if (known !== undefined) return known;
    const program = parseProgram(this.source, this.isModule ? "module" : "script");
    const analysis = analyseScopes(program, this.isModule);
    this.#analysis = new WeakRef(analysis);
    return analysis;
  }

  /**
   * The function's own text as a script of its own, for scripts that the parser cannot read whole: what is around the
   * function is then unknown, so nothing of it counts as lasting.
   */
  fragment(text: string, line: number): Script {
    // A method's text is no expression.
    for (const [before, after] of [
      ["(", ")"],
      ["({", "})"],
    ] as const) {
      const fragment = new Script({ scriptId: this.id, url: this.url, startLine: line, startColumn: 0, isModule: this.isModule }, before + text + after);
      if (fragment.#parses()) return fragment;
    }
    throw new SyntaxError("its text cannot be parsed");
  }

  #parses(): boolean {
    try {
      this.analysis();
      return true;
    } catch {
      return false;
    }
  }

  /** The function or class whose location, as V8 gives it, is `offset`. */
  functionAt(offset: number): FunctionFacts | undefined {
    return this.analysis().functions.findLast((facts) => locationMatches(facts, offset));
  }

  #lines(): number[] {
    return (this.#lineStarts ??= lineStarts(this.source));
  }
}

/** V8 places an arrow at its start, a class at its constructor or else its start, any other function at its `(`. */
function locationMatches({ node }: FunctionFacts, offset: number): boolean {
  if (offset < node.start || offset >= node.end) return false;
  if (node.type === "ArrowFunctionExpression") return node.start === offset;
  if (node.type === "ClassDeclaration" || node.type === "ClassExpression") return classLocation(node) === offset;
  const { id, params, body } = node as FunctionFacts["node"] & { params: { start: number }[]; body: { start: number } };
  return offset >= (id?.end ?? node.start) && offset < (params[0]?.start ?? body.start);
}

function classLocation(node: FunctionFacts["node"]): number {
  const { body } = node as { body: { body: { type: string; kind?: string; value?: { start: number } | null }[] } } & FunctionFacts["node"];
  return body.body.find((element) => element.type === "MethodDefinition" && element.kind === "constructor")?.value?.start ?? node.start;
}

function lineStarts(source: string): number[] {
  const starts = [0];
  for (const match of source.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(match.index + match[0].length);
  return starts;
}
