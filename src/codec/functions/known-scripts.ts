// The scripts of this thread that the inspector has told of, and the sources of those whose functions were dissected.
// Used by the inspection.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Script, type ScriptInfo } from "./script.ts";

/** Scripts with sources kept. Smaller: their sources are looked up again. Larger: more of them in memory. */
const MAX_SCRIPTS = 500;
/** Scripts known by id and URL alone. Smaller: a large program's are told again. Larger: some hundred bytes for each. */
const MAX_INFOS = 20_000;

const infos = new Map<string, ScriptInfo>();
const scripts = new Map<string, Script>();

/** Keeps what the inspector says of a script. */
export function noteScript({ scriptId, url, startLine, startColumn, isModule, length }: ScriptInfo): void {
  if (infos.size >= MAX_INFOS) infos.delete(infos.keys().next().value as string);
  infos.set(scriptId, { scriptId, url, startLine, startColumn, isModule, length });
}

/** The script, if its source is known or can be read without the inspector; `text` is a part that it must contain. */
export function knownScript(id: string, text: string): Script | undefined {
  const known = scripts.get(id);
  if (known !== undefined) return known;
  const info = infos.get(id);
  const source = info && sourceOnDisk(info);
  return source?.includes(text) ? addScript(id, source) : undefined;
}

export function addScript(id: string, source: string): Script {
  const info = infos.get(id);
  if (info === undefined) throw new Error(`The inspector knows no script ${id}`);
  const script = new Script(info, source);
  scripts.set(id, script);
  if (scripts.size > MAX_SCRIPTS) scripts.delete(scripts.keys().next().value as string);
  return script;
}

/**
 * The file that a script was loaded from, if it runs as it is there. A file of the same length that holds the
 * function's own text is taken for that, except for TypeScript, which keeps its length when Node strips its types.
 */
function sourceOnDisk({ url, length, startLine, startColumn }: ScriptInfo): string | undefined {
  if (!/\.[mc]?js$/.test(url) || startLine !== 0 || startColumn !== 0) return undefined;
  try {
    const source = readFileSync(url.startsWith("file:") ? fileURLToPath(url) : url, "utf8");
    return source.length === length ? source : undefined;
  } catch {
    return undefined;
  }
}
