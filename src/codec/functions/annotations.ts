// How a source looks in which closures are noted together with what they capture, and the way back: written by the loader
// of `dure/captures`, read where a script is looked into, which must see what the user wrote.

/** The name of the function that notes. A source that has it anywhere is left alone. */
export const NOTING = "$dure";

/** A piece of text that was put in. */
export interface Insertion {
  /** In the source as it was. */
  readonly at: number;
  readonly text: string;
}

/** What a source was before, and where its parts went. */
export interface Unannotated {
  readonly source: string;
  /** The position in it of a position in the annotated source. */
  offsetOf(annotatedOffset: number): number;
}

/** It is there before anything else runs. Where nobody has set up the notes, such as in another realm, closures stay as they are. */
const NOTING_FUNCTION = `function ${NOTING}(fn, read, site) { return (${NOTING}Sites ??= globalThis[Symbol.for("dure.captures")]?.sites(${NOTING}) ?? ((fn) => fn))(fn, read, site); }`;

/** At the end, as no line may move. */
const CODE = `\nvar ${NOTING}Sites; ${NOTING_FUNCTION}\n`;

/** After that: the source map of the annotated source, if it has one, and where the insertions are. */
const FACTS = /^(?:\/\/# sourceMappingURL=\S+\n)?\/\/# dure=(\d+\+\d+(?:,\d+\+\d+)*)\n/;

/** Whether an annotated source runs as it was written: where another loader has rewritten it since, there is no way back. */
export function isAsAnnotated(noting: object): boolean {
  return Function.prototype.toString.call(noting) === NOTING_FUNCTION;
}

/** `insertions`: in the order of their places. `map`: the URL of the source map. */
export function annotated(source: string, insertions: readonly Insertion[], map: string | undefined): string {
  let text = "";
  let position = 0;
  const places: string[] = [];
  for (const { at, text: inserted } of insertions) {
    text += source.slice(position, at);
    places.push(`${text.length}+${inserted.length}`);
    text += inserted;
    position = at;
  }
  // Of several maps the last one counts.
  return `${text}${source.slice(position)}${CODE}${map === undefined ? "" : `//# sourceMappingURL=${map}\n`}//# dure=${places.join()}\n`;
}

/** Undefined for a source that is not annotated. What others have put behind it stays. */
export function unannotated(source: string): Unannotated | undefined {
  const end = source.lastIndexOf(CODE);
  const behind = end < 0 ? "" : source.slice(end + CODE.length);
  const [facts, list] = FACTS.exec(behind) ?? [];
  if (facts === undefined || list === undefined) return undefined;
  const places = list.split(",").map((place) => place.split("+").map(Number) as [start: number, length: number]);
  let text = "";
  let position = 0;
  for (const [start, length] of places) {
    text += source.slice(position, start);
    position = start + length;
  }
  return { source: text + source.slice(position, end) + behind.slice(facts.length), offsetOf: (offset) => offset - insertedBefore(places, offset) };
}

function insertedBefore(places: readonly (readonly [start: number, length: number])[], offset: number): number {
  let inserted = 0;
  for (const [start, length] of places) {
    if (start >= offset) break;
    inserted += Math.min(length, offset - start);
  }
  return inserted;
}
