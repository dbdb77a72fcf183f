// The items of a run, read from a file or from standard input a chunk at a time.

import { createReadStream, fstatSync, openSync } from "node:fs";
import type { Stats } from "node:fs";
import type { Readable } from "node:stream";
import type { ReadStream } from "node:tty";
import { reasonOf } from "../system-error.ts";
import { UsageError } from "../usage-error.ts";
import { ArraySplitter } from "./array-splitter.ts";
import type { InputFormat } from "./input-format.ts";
import { BEGINNING_BYTES, formatOfBeginning, formatOfName } from "./input-format.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { RawItem, Splitter } from "./raw-item.ts";

/** An input that is open. */
export class Input {
  /** As messages name it. */
  readonly name: string;
  readonly stats: Stats;
  /** Bytes, where that is known beforehand. */
  readonly size: number | undefined;
  /** Whether somebody types it. */
  readonly isTerminal: boolean;
  bytesRead = 0;
  itemsRead = 0;
  readonly #stream: Readable;
  readonly #format: InputFormat | undefined;

  constructor(name: string, stream: Readable, stats: Stats, format: InputFormat | undefined) {
    this.name = name;
    this.stats = stats;
    this.size = stats.isFile() ? stats.size : undefined;
    this.isTerminal = (stream as Partial<ReadStream>).isTTY === true;
    this.#stream = stream;
    this.#format = format;
  }

  /** The items, in the portions in which they were read. Throws what the system says when it cannot be read on. */
  async *portions(): AsyncGenerator<RawItem[], void> {
    const chunks = this.#chunks();
    const { splitter, beginning } = await this.#split(chunks);
    for (const chunk of beginning) yield this.#counted(splitter.push(chunk));
    for (let step = await chunks.next(); step.done !== true; step = await chunks.next()) yield this.#counted(splitter.push(step.value));
    yield this.#counted(splitter.end());
  }

  /** Nothing more is wanted of it. */
  close(): void {
    this.#stream.destroy();
  }

  async *#chunks(): AsyncGenerator<Buffer, void> {
    for await (const chunk of this.#stream as AsyncIterable<Buffer>) {
      this.bytesRead += chunk.length;
      yield chunk;
    }
  }

  #counted(items: RawItem[]): RawItem[] {
    this.itemsRead += items.length;
    return items;
  }

  /** What was read to decide on the splitter has to be split, too. */
  async #split(chunks: AsyncGenerator<Buffer, void>): Promise<{ splitter: Splitter; beginning: Buffer[] }> {
    const beginning: Buffer[] = [];
    let format = this.#format;
    let bytes = 0;
    while (format === undefined) {
      const step = await chunks.next();
      if (step.done !== true) beginning.push(step.value);
      bytes += step.done === true ? 0 : step.value.length;
      format = formatOfBeginning(Buffer.concat(beginning).toString("utf8"), step.done === true);
      if (format === undefined && bytes >= BEGINNING_BYTES) format = "array";
    }
    return { splitter: format === "array" ? new ArraySplitter() : new LineSplitter(), beginning };
  }
}

/** Opens a file, or standard input for `-`. */
export function openInput(path: string, format: InputFormat | undefined): Input {
  const [name, fd] = path === "-" ? ["standard input", 0] : [path, openFile(path)];
  const stats = fstatSync(fd);
  if (stats.isDirectory()) throw new UsageError(`Cannot read the items from ${name}: it is a directory`);
  const stream = fd === 0 ? process.stdin : createReadStream(path, { fd });
  return new Input(name, stream, stats, format ?? formatOfName(path));
}

function openFile(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw new UsageError(`Cannot read the items file ${path}: ${reasonOf(error)}`);
  }
}
