// The record of a run: a header that says what it is a run of, then one line for each item whose result has been
// written. A line is written only after its result, so that a run killed at any moment can tell what is done. README.md
// says why that is enough.

import { closeSync, fsyncSync, ftruncateSync, openSync } from "node:fs";
import { crc32 } from "node:zlib";
import { reasonOf } from "../system-error.ts";
import type { FileIdentity } from "./output.ts";
import { WriteError, writeWhole } from "./output.ts";
import type { RawItem } from "./raw-item.ts";

export const HEADER_MARK = "# dure joblog 1 ";
export const COLUMNS: readonly string[] = ["number", "line", "worker", "start", "seconds", "attempts", "outcome", "output", "check", "error"];

/** What a run is a run of. Another run with the joblog must agree. */
export interface JoblogHeader {
  readonly function: string;
  readonly module: string;
  /** Of the module's file. */
  readonly sha256: string;
  readonly ordered: boolean;
  /** `null` if results go to a stream. */
  readonly output: (FileIdentity & { readonly start: number }) | null;
}

/**
 * `ok`: its result was written. `skipped`, `null`: it failed, and nothing or null was written. `failed`: it failed and
 * stopped the run; such an item runs again when the run is resumed.
 */
export type JobOutcome = "ok" | "skipped" | "null" | "failed";

/** A line of the joblog. */
export interface Job {
  readonly item: RawItem;
  readonly worker: number | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number | undefined;
  readonly ms: number | undefined;
  readonly attempts: number;
  readonly outcome: JobOutcome;
  /** Where the output ended after it. */
  readonly end: number;
  readonly error: string;
}

/** Tells whether an item is the one that it was. */
export function checkOf(item: RawItem): number {
  return crc32(item.text);
}

export class Joblog {
  readonly #path: string;
  readonly #fd: number;

  /** `length`: bytes of whole lines that it holds; the rest is the torn end of a killed run. */
  constructor(path: string, length: number) {
    this.#path = path;
    this.#fd = openSync(path, "a");
    ftruncateSync(this.#fd, length);
  }

  begin(header: JoblogHeader): void {
    this.#write(`${HEADER_MARK}${JSON.stringify(header)}\n${COLUMNS.join("\t")}\n`);
  }

  add(jobs: readonly Job[]): void {
    this.#write(jobs.map(lineOf).join(""));
  }

  close(): void {
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }

  #write(text: string): void {
    try {
      writeWhole(this.#fd, Buffer.from(text));
    } catch (error) {
      throw new WriteError(`Cannot write the joblog ${this.#path}: ${reasonOf(error)}`);
    }
  }
}

function lineOf(job: Job): string {
  const { item, worker, startedAt, ms, attempts, outcome, end, error } = job;
  const start = startedAt === undefined ? "" : (startedAt / 1000).toFixed(3);
  const seconds = ms === undefined ? "" : (ms / 1000).toFixed(6);
  return `${item.number}\t${item.line}\t${worker ?? ""}\t${start}\t${seconds}\t${attempts}\t${outcome}\t${end}\t${checkOf(item).toString(16)}\t${error.replaceAll(/[\t\r\n]+/g, " ")}\n`;
}
