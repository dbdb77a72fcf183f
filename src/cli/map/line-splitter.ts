// Cuts NDJSON into items: one on each line that is not blank. Lines end in LF or CR LF; the last may end in nothing.

import { isUtf8 } from "node:buffer";
import type { RawItem, Splitter } from "./raw-item.ts";
import { LONGEST_ITEM } from "./raw-item.ts";

const LINE_FEED = 10;
const SPACE = 32;
const BYTE_ORDER_MARK = "\uFEFF";

export class LineSplitter implements Splitter {
  readonly #longest: number;
  /** The beginning of a line whose end has not come. */
  #begun: Buffer[] = [];
  #begunBytes = 0;
  /** Whether the line that has begun is too long already: its bytes are then not kept. */
  #isTooLong = false;
  #line = 0;
  #number = 0;
  #items: RawItem[] = [];

  /** `longest`: bytes of a line at most. */
  constructor(longest: number = LONGEST_ITEM) {
    this.#longest = longest;
  }

  push(chunk: Buffer): RawItem[] {
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end === -1) {
      this.#begin(chunk);
      return [];
    }
    if (this.#isTooLong) this.#takeAfterTooLong(chunk, end);
    else this.#takeLines(this.#begunBytes === 0 ? chunk.subarray(0, end) : Buffer.concat([...this.#begun, chunk.subarray(0, end)]));
    this.#forgetBegun();
    this.#begin(chunk.subarray(end + 1));
    return this.#taken();
  }

  end(): RawItem[] {
    if (this.#isTooLong) this.#takeFlaw(this.#tooLong());
    else if (this.#begunBytes > 0) this.#takeLines(Buffer.concat(this.#begun));
    this.#forgetBegun();
    return this.#taken();
  }

  #begin(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#begunBytes += bytes.length;
    if (this.#begunBytes > this.#longest) this.#isTooLong = true;
    if (this.#isTooLong) this.#begun = [];
    else this.#begun.push(bytes);
  }

  #takeAfterTooLong(chunk: Buffer, end: number): void {
    this.#takeFlaw(this.#tooLong());
    const first = chunk.indexOf(LINE_FEED);
    if (first < end) this.#takeLines(chunk.subarray(first + 1, end));
  }

  #forgetBegun(): void {
    this.#begun = [];
    this.#begunBytes = 0;
    this.#isTooLong = false;
  }

  #takeLines(lines: Buffer): void {
    if (isUtf8(lines)) for (const line of lines.toString("utf8").split("\n")) this.#takeText(line);
    else for (const line of eachLine(lines)) this.#takeBytes(line);
  }

  #takeBytes(line: Buffer): void {
    if (isUtf8(line)) this.#takeText(line.toString("utf8"));
    else this.#takeFlaw("it is not UTF-8 text");
  }

  #takeText(text: string): void {
    this.#line += 1;
    const line = this.#line === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    if (isBlank(line)) return;
    this.#number += 1;
    this.#items.push({ number: this.#number, line: this.#line, text: line });
  }

  #takeFlaw(flaw: string): void {
    this.#line += 1;
    this.#number += 1;
    this.#items.push({ number: this.#number, line: this.#line, text: "", flaw });
  }

  #tooLong(): string {
    return `it is longer than ${this.#longest} bytes`;
  }

  #taken(): RawItem[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }
}

function* eachLine(lines: Buffer): Generator<Buffer, void> {
  let start = 0;
  for (let end = lines.indexOf(LINE_FEED); end !== -1; end = lines.indexOf(LINE_FEED, start)) {
    yield lines.subarray(start, end);
    start = end + 1;
  }
  yield lines.subarray(start);
}

/** Nearly every line says so by its first character. */
function isBlank(line: string): boolean {
  return line.length === 0 || (line.charCodeAt(0) <= SPACE && line.trim() === "");
}
