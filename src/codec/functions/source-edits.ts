// Replacements in a piece of source that keep every line where it was, so that stacks stay true.

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export class SourceEdits {
  readonly #source: string;
  readonly #edits: Edit[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  /** `text` must hold as many lines as what it replaces. */
  replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text });
  }

  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  /** Leaves only the line ends of a part, and `text`. */
  blank(start: number, end: number, text = ""): void {
    this.replace(start, end, text + this.#source.slice(start, end).replace(/[^\n\r\u2028\u2029]+/g, ""));
  }

  /** A part of the source with all edits inside it applied; of edits one inside the other, the outer counts. */
  apply(from: number, to: number): string {
    let result = "";
    let position = from;
    for (const edit of this.#edits.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
      if (edit.start < position || edit.end > to) continue;
      result += this.#source.slice(position, edit.start) + edit.text;
      position = edit.end;
    }
    return result + this.#source.slice(position, to);
  }
}
