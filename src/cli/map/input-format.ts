// Decides how an input is to be cut: one item on each line, or the elements of one array. By the name of the file where
// that says it, otherwise by how the input begins.

/** How items follow one another. */
export type InputFormat = "lines" | "array";

/** Bytes looked at. More: held before the first item runs. Fewer: a long first line is more often taken for an array. */
export const BEGINNING_BYTES: number = 2 ** 20;

/** What a file's name says; `undefined` if nothing. */
export function formatOfName(path: string): InputFormat | undefined {
  return /\.(?:ndjson|jsonl)$/i.test(path) ? "lines" : undefined;
}

/**
 * What the beginning of an input says; `undefined` while more of it is needed. `isAll`: there is no more.
 *
 * A first line that is an array of its own, with something behind it, is an item; alone, it is the array of the items.
 */
export function formatOfBeginning(text: string, isAll: boolean): InputFormat | undefined {
  const begun = text.replace(/^\uFEFF/, "").trimStart();
  if (begun === "") return isAll ? "lines" : undefined;
  if (!begun.startsWith("[")) return "lines";
  const end = begun.indexOf("\n");
  const firstLine = end === -1 ? begun : begun.slice(0, end);
  if (end === -1 && !isAll) return undefined;
  if (!isJson(firstLine)) return "array";
  const isFollowed = end !== -1 && begun.slice(end).trim() !== "";
  if (isFollowed) return "lines";
  return isAll ? "array" : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
