// Tells an exported function by the text around it alone, where that cannot mean anything else: the parser, which tells
// all others, takes some ten milliseconds to load and to read its first script. Called by `dissect`.

/** What stands before V8's location of a function: the name or the `=` that it follows, if the statement is an export at the beginning of a line. */
const DECLARATION = /(?:^|\n)export[ \t]+(?:async[ \t]+)?function[ \t]*\*?[ \t]*([A-Za-z_$][\w$]*)[ \t]*$/;
const CONSTANT = /(?:^|\n)export[ \t]+const[ \t]+([A-Za-z_$][\w$]*)[ \t]*=[ \t]*$/;

/** Characters before a function's location that are looked at. Longer names are for the parser. */
const MOST_BEFORE = 200;

/** The name of the export whose value is, and stays, the function at `offset` of a module; undefined if its text does not say. */
export function plainExport(source: string, offset: number): string | undefined {
  const before = source.slice(Math.max(0, offset - MOST_BEFORE), offset);
  const constant = CONSTANT.exec(before)?.[1];
  if (constant !== undefined) return constant;
  const declared = DECLARATION.exec(before)?.[1];
  return declared !== undefined && isNeverAssigned(source, declared) ? declared : undefined;
}

/** Whether the name is nowhere but where it is declared and called, also in comments and texts. */
function isNeverAssigned(source: string, name: string): boolean {
  // Names may be written with escapes.
  if (source.includes("\\u")) return false;
  return !new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$]|[ \\t]*\\()`).test(source);
}
