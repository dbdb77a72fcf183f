// What a run says on standard error: each failure when its turn has come, and how it all ended. For people, or with
// `--json` one object on each line for programs.

import { inspect, stripVTControlCharacters } from "node:util";
import { EXIT_FAILED } from "../exit-codes.ts";
import type { RawItem } from "./raw-item.ts";

/** How a run ended. Its shape is public: fields are added, never renamed. */
export interface Summary {
  readonly type: "summary";
  /** Done in all, by this run and those before it. */
  readonly items: number;
  readonly failed: number;
  /** Of `items`, those of earlier runs. */
  readonly resumed: number;
  /** Of this run. */
  readonly seconds: number;
  readonly stopped: string | null;
}

export class Reports {
  readonly #asJson: boolean;
  #hasStrays = false;

  constructor(asJson: boolean) {
    this.#asJson = asJson;
  }

  failure({ number, line }: RawItem, error: string): void {
    // Now, as the program ends without another word if the reader of the results leaves.
    process.exitCode = EXIT_FAILED;
    if (this.#asJson) this.#write(JSON.stringify({ type: "failure", number, line, error }));
    else this.#write(`error: line ${line}: ${printable(error)}`);
  }

  /** A promise that nobody awaited was rejected, in a worker or here: nobody knows of which item. */
  stray(error: unknown): void {
    this.#hasStrays = true;
    const text = describeError(error);
    if (this.#asJson) this.#write(JSON.stringify({ type: "stray", error: text }));
    else this.#write(`error: left behind by an item: ${printable(text)}`);
  }

  get hasStrays(): boolean {
    return this.#hasStrays;
  }

  note(text: string): void {
    if (!this.#asJson) this.#write(`note: ${text}`);
  }

  end(summary: Summary): void {
    if (this.#asJson) return this.#write(JSON.stringify(summary));
    if (summary.stopped !== null) this.#write(`error: ${summary.stopped} after ${counted(summary.items)}`);
    if (summary.failed > 0) this.#write(`error: ${summary.failed} of ${counted(summary.items)} failed`);
  }

  #write(line: string): void {
    process.stderr.write(`${line}\n`);
  }
}

/** The message of what a function threw, and where. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${typeof error === "string" ? JSON.stringify(error) : inspect(error, { breakLength: Infinity })}`;
  const place = /^ {4}at (.+)$/m.exec(error.stack ?? "")?.[1];
  const isOurs = String((error as { code?: unknown }).code).startsWith("DURE_");
  return `${error.name}: ${error.message}${place === undefined || isOurs ? "" : ` (at ${place})`}`;
}

/** Input that is no text must not steer the terminal. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what has to go.
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, "\uFFFD");
}

function counted(items: number): string {
  return `${items} ${items === 1 ? "item" : "items"}`;
}
