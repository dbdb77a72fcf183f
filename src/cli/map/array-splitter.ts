// Cuts one JSON array into items, its elements, without holding it all: only brackets, commas and quotes are looked at,
// and each element is parsed where it is run.

import { TextDecoder } from "node:util";
import type { RawItem, Splitter } from "./raw-item.ts";
import { LONGEST_ITEM } from "./raw-item.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const LINE_FEED = 10;
const SPACE = 32;
const OPENING: ReadonlySet<number> = new Set([91, 123]);
const CLOSING: ReadonlySet<number> = new Set([93, 125]);
const OPENING_ARRAY = 91;

export class ArraySplitter implements Splitter {
  readonly #longest: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #line = 1;
  #number = 0;
  /** Of the element under way: what came of it in earlier chunks, and the line of its first character; 0 before that. */
  #text = "";
  #elementLine = 0;
  #isTooLong = false;
  #where: "before" | "within" | "after" | "broken" = "before";
  #items: RawItem[] = [];

  /** `longest`: characters of an element at most. */
  constructor(longest: number = LONGEST_ITEM) {
    this.#longest = longest;
  }

  push(chunk: Buffer): RawItem[] {
    if (this.#where !== "broken") this.#read(chunk);
    return this.#taken();
  }

  end(): RawItem[] {
    if (this.#where === "before") this.#break("a JSON array is expected, and there is none");
    else if (this.#where === "within") this.#break("the input ends within the array");
    return this.#taken();
  }

  #read(chunk: Buffer): void {
    let text: string;
    try {
      text = this.#decoder.decode(chunk, { stream: true });
    } catch {
      // The elements before the bytes that are no text.
      this.#scan(chunk.toString("utf8").split("\uFFFD", 1)[0] as string);
      return this.#break("the array is not UTF-8 text");
    }
    this.#scan(text);
  }

  #scan(text: string): void {
    let start = 0;
    for (let at = 0; at < text.length && this.#where !== "broken"; at += 1) {
      const code = text.charCodeAt(at);
      if (code === LINE_FEED) this.#line += 1;
      if (this.#isInString) this.#scanString(code);
      else if (code > SPACE) start = this.#scanStructure(code, text, start, at);
    }
    if (this.#where === "within") this.#keep(text.slice(start));
  }

  #scanString(code: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (code === BACKSLASH) this.#isEscaped = true;
    else if (code === QUOTE) this.#isInString = false;
  }

  /** Gives where the element under way begins in the text. */
  #scanStructure(code: number, text: string, start: number, at: number): number {
    if (this.#where !== "within") return this.#scanOutside(code, at);
    if (this.#depth === 1 && (code === COMMA || CLOSING.has(code))) {
      this.#keep(text.slice(start, at));
      this.#endElement(code === COMMA);
      return at + 1;
    }
    if (this.#elementLine === 0) this.#elementLine = this.#line;
    if (code === QUOTE) this.#isInString = true;
    else if (OPENING.has(code)) this.#depth += 1;
    else if (CLOSING.has(code)) this.#depth -= 1;
    return start;
  }

  #scanOutside(code: number, at: number): number {
    if (this.#where === "after") this.#break("there is text behind the array");
    else if (code !== OPENING_ARRAY) this.#break("a JSON array is expected");
    else {
      this.#where = "within";
      this.#depth = 1;
    }
    return at + 1;
  }

  #endElement(more: boolean): void {
    if (this.#elementLine !== 0) this.#take(this.#isTooLong ? `it is longer than ${this.#longest} characters` : undefined);
    else if (more || this.#number > 0) this.#break("an element of the array is missing");
    if (!more && this.#where === "within") this.#where = "after";
  }

  #keep(text: string): void {
    if (this.#isTooLong || this.#text.length + text.length > this.#longest) {
      this.#isTooLong = true;
      this.#text = "";
    } else this.#text += text;
  }

  #take(flaw: string | undefined): void {
    this.#number += 1;
    const place = { number: this.#number, line: this.#elementLine || this.#line };
    this.#items.push(flaw === undefined ? { ...place, text: this.#text.trim() } : { ...place, text: "", flaw });
    this.#text = "";
    this.#elementLine = 0;
    this.#isTooLong = false;
  }

  /** What follows cannot be understood: the array ends with an item that says so. */
  #break(flaw: string): void {
    this.#elementLine = 0;
    this.#take(flaw);
    this.#where = "broken";
  }

  #taken(): RawItem[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }
}
