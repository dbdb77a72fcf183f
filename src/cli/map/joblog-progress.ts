// How far the runs before this one came, as their joblog tells: read once, line by line, in constant memory.

import { closeSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { UsageError } from "../usage-error.ts";
import type { JobOutcome, JoblogHeader } from "./joblog.ts";
import { checkOf, COLUMNS, HEADER_MARK } from "./joblog.ts";
import type { RawItem } from "./raw-item.ts";

/** Bytes read at once. */
const CHUNK_BYTES = 2 ** 16;

export class JoblogProgress {
  readonly #path: string;
  header: JoblogHeader | undefined;
  /** Bytes of whole lines. */
  length = 0;
  /** Where the output ended after the last job. */
  end = 0;
  /** Jobs that are done, and how many of them failed. */
  done = 0;
  failed = 0;
  readonly outcomes: Set<JobOutcome> = new Set();
  /** The last line whose result a file of `sizeOfOutput` bytes still holds. */
  lastHeldLine = 2;
  /** All items up to this number are done; `#check` is taken over all of theirs. */
  #through = 0;
  #check = 0;
  /** Done beyond that, with their checks: as many as one run had under way. */
  readonly #beyond = new Map<number, number>();
  /** Over the items of this input, while they are passed over. */
  #seenCheck = 0;

  /** Of a joblog that is not there: nothing. */
  constructor(path: string, sizeOfOutput: number = Infinity) {
    this.#path = path;
    let number = 0;
    for (const [line, end] of wholeLines(path)) {
      number += 1;
      if (number === 1) this.#readHeader(line);
      else if (number === 2 ? line !== COLUMNS.join("\t") : !this.#readJob(line)) throw this.#notOurs(number);
      this.length = end;
      if (this.end <= sizeOfOutput) this.lastHeldLine = number;
    }
    if (number === 0 && !beginsAsJoblog(path)) throw this.#notOurs(1);
    // Killed between the two lines of the header.
    if (number === 1) this.length = 0;
  }

  /** Whether every item up to a certain one is done, and none after it. */
  get isContiguous(): boolean {
    return this.#beyond.size === 0;
  }

  /** Whether an item is done. Called with each item of the input in turn. */
  passes(item: RawItem): boolean {
    if (item.number > this.#through) return this.#beyond.has(item.number) && this.#isSame(this.#beyond.get(item.number) === checkOf(item), item);
    this.#seenCheck = fold(this.#seenCheck, checkOf(item));
    return item.number < this.#through || this.#isSame(this.#seenCheck === this.#check, item);
  }

  /** The input has ended after so many items. */
  checkLength(items: number): void {
    if (items < Math.max(this.#through, ...this.#beyond.keys()))
      throw new UsageError(`Cannot resume: the input has changed, it ends after ${items} items, fewer than ${this.#path} tells of`);
  }

  #isSame(isSame: boolean, item: RawItem): true {
    if (isSame) return true;
    throw new UsageError(
      `Cannot resume: the input has changed, its items up to line ${item.line} are not those that ${this.#path} tells of. To begin anew, remove the joblog`,
    );
  }

  #readHeader(line: string): void {
    try {
      if (!line.startsWith(HEADER_MARK)) throw this.#notOurs(1);
      this.header = JSON.parse(line.slice(HEADER_MARK.length)) as JoblogHeader;
      this.end = this.header.output?.start ?? 0;
    } catch {
      throw this.#notOurs(1);
    }
  }

  #readJob(line: string): boolean {
    const fields = line.split("\t");
    if (fields.length !== COLUMNS.length) return false;
    const [number, end, check] = [Number(fields[0]), Number(fields[7]), Number.parseInt(fields[8] as string, 16)];
    if (!Number.isSafeInteger(number) || !Number.isSafeInteger(end) || !Number.isSafeInteger(check)) return false;
    const outcome = fields[6] as JobOutcome;
    if (outcome === "failed") return true;
    this.outcomes.add(outcome);
    if (outcome !== "ok") this.failed += 1;
    this.end = end;
    this.done += 1;
    this.#beyond.set(number, check);
    this.#advance();
    return true;
  }

  #advance(): void {
    for (let check = this.#beyond.get(this.#through + 1); check !== undefined; check = this.#beyond.get(this.#through + 1)) {
      this.#through += 1;
      this.#beyond.delete(this.#through);
      this.#check = fold(this.#check, check);
    }
  }

  #notOurs(line: number): UsageError {
    return new UsageError(`Cannot use the joblog ${this.#path}: its line ${line} is not one of dure's`);
  }
}

function fold(sum: number, check: number): number {
  return crc32(check.toString(16), sum);
}

/** Whether a file without a whole line may be what a run left that was killed at once: nothing, or a part of the header. */
function beginsAsJoblog(path: string): boolean {
  const fd = openIfThere(path);
  if (fd === undefined) return true;
  try {
    const beginning = Buffer.alloc(HEADER_MARK.length);
    return HEADER_MARK.startsWith(beginning.toString("utf8", 0, readSync(fd, beginning)));
  } finally {
    closeSync(fd);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Each line that has an end, and where that is. */
function* wholeLines(path: string): Generator<[line: string, end: number], void> {
  const fd = openIfThere(path);
  if (fd === undefined) return;
  try {
    let [begun, end] = [Buffer.alloc(0), 0];
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let bytes = readSync(fd, chunk); bytes > 0; bytes = readSync(fd, chunk)) {
      let text = Buffer.concat([begun, chunk.subarray(0, bytes)]);
      for (let at = text.indexOf(10); at !== -1; at = text.indexOf(10)) {
        end += at + 1;
        yield [text.toString("utf8", 0, at), end];
        text = text.subarray(at + 1);
      }
      begun = text;
    }
  } finally {
    closeSync(fd);
  }
}
