// The scripts of this thread that the inspector has told of, and the sources of those whose functions were dissected.
// Used by the inspection.
//
// The debugger knows all of a script, and takes milliseconds to say it: it hashes every source there is, Node's too. The
// profiler, without having been started, says of scripts that have run where they are from and how long they are. That is
// enough for a script that runs as it is in its file.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { annotateAgain } from "./notes.ts";
import { Script, type ScriptInfo } from "./script.ts";

/** Scripts with sources kept. Smaller: their sources are looked up again. Larger: more of them in memory. */
const MAX_SCRIPTS = 500;
/** Scripts known by id and URL alone. Smaller: a large program's are told again. Larger: some hundred bytes for each. */
const MAX_INFOS = 20_000;

const infos = new Map<string, ScriptInfo>();
const scripts = new Map<string, Script>();
/** What the profiler has said last, but for what it counted. */
let counted = new Map<string, ScriptInfo>();
let isCountingWorthwhile = true;

/** What the profiler says of a script. */
export interface CountedScript {
  readonly scriptId: string;
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly { readonly endOffset: number }[] }[];
}

/** Keeps what the inspector says of a script. */
export function noteScript({ scriptId, url, startLine, startColumn, isModule, length }: ScriptInfo): void {
  if (infos.size >= MAX_INFOS) infos.delete(infos.keys().next().value as string);
  infos.set(scriptId, { scriptId, url, startLine, startColumn, isModule, length });
}

/** A function, as far as it tells which script it is from. */
export interface Place {
  readonly text: string;
  readonly location: { readonly scriptId: string; readonly line: number; readonly column: number };
  readonly isInModule: () => boolean;
}

/** The script, if its source is known or can be read without the debugger; `count` asks the profiler. */
export function knownScript(place: Place, count: () => readonly CountedScript[]): Script | undefined {
  const { scriptId } = place.location;
  const info = infos.get(scriptId);
  return scripts.get(scriptId) ?? (info === undefined ? countedScript(place, count) : scriptOnDisk(info, place));
}

function countedScript(place: Place, count: () => readonly CountedScript[]): Script | undefined {
  const { scriptId } = place.location;
  if (!isCountingWorthwhile) return undefined;
  if (!counted.has(scriptId)) counted = new Map(count().map((script) => [script.scriptId, infoOf(script)]));
  const info = counted.get(scriptId);
  const script = info && scriptOnDisk(info, place);
  // Where loaders rewrite what they load, only the debugger knows what runs.
  isCountingWorthwhile = script !== undefined;
  return script;
}

/** The first function that is counted is the whole script. */
function infoOf({ scriptId, url, functions }: CountedScript): ScriptInfo {
  return { scriptId, url, startLine: 0, startColumn: 0, length: functions[0]?.ranges[0]?.endOffset };
}

function scriptOnDisk(info: ScriptInfo, { text, location, isInModule }: Place): Script | undefined {
  const onDisk = textOnDisk(info);
  if (onDisk === undefined) return undefined;
  const isModule = info.isModule ?? isInModule();
  const source = runningText(onDisk, info.length, isModule);
  if (source === undefined) return undefined;
  const script = new Script({ ...info, isModule }, source);
  // One that was only counted may begin anywhere in the file, or be named after it: then the function is elsewhere.
  return script.has(text, location.line, location.column) ? keep(script) : undefined;
}

export function addScript(id: string, source: string): Script {
  const info = infos.get(id);
  if (info === undefined) throw new Error(`The inspector knows no script ${id}`);
  return keep(new Script(info, source));
}

function keep(script: Script): Script {
  scripts.set(script.id, script);
  if (scripts.size > MAX_SCRIPTS) scripts.delete(scripts.keys().next().value as string);
  return script;
}

/** The file that a script was loaded from, if it may run as it is there. */
function textOnDisk({ url, startLine, startColumn }: ScriptInfo): string | undefined {
  if (!/\.[mc]?js$/.test(url) || startLine !== 0 || startColumn !== 0) return undefined;
  try {
    return readFileSync(url.startsWith("file:") ? fileURLToPath(url) : url, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * What runs of a file. One of the same length that holds the function's own text is taken for that, except for TypeScript,
 * which keeps its length when Node strips its types.
 */
function runningText(onDisk: string, length: number | undefined, isModule: boolean): string | undefined {
  if (onDisk.length === length) return onDisk;
  const annotated = annotateAgain(onDisk, isModule);
  return annotated?.length === length ? annotated : undefined;
}
