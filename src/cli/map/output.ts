// Where results go: a file, whose end is known and can be cut back, or a stream such as a pipe. Nothing else may write there.

import { constants, fstatSync, ftruncateSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { reasonNotCreated, reasonOf } from "../system-error.ts";
import { writeStandardOutput } from "../standard-output.ts";
import { UsageError } from "../usage-error.ts";

/** What a file is, however it is called. */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
}

/** The results, or the joblog, cannot be written: the run cannot go on. */
export class WriteError extends Error {
  override readonly name = "WriteError";
}

export interface Output {
  readonly name: string;
  /** Of a regular file; `undefined` of anything else. */
  readonly file: FileIdentity | undefined;
  /** Bytes before the next result: of a file from its beginning, of a stream those written. */
  readonly position: number;
  /** Called before results appear on a terminal, where there may be a progress bar. */
  beforeWriting?: (() => void) | undefined;
  /** A stream is waited for, so that a slow reader holds the run back. */
  write(bytes: Buffer): Promise<void> | void;
  /** What a file holds from `end` on is results that are in no joblog: they go, and come again. */
  continueAt(end: number): void;
  /** Has what was written on the disk, where it is a file. */
  sync(): void;
}

/** `--output FILE`. It is emptied, unless its results are to be continued. */
export function openOutputFile(path: string, continues: boolean): Output {
  const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC } = constants;
  try {
    const fd = openSync(path, O_WRONLY | O_CREAT | O_APPEND | (continues ? 0 : O_TRUNC), 0o666);
    return new FileOutput(path, fd, { isOurs: true, appends: true });
  } catch (error) {
    throw new UsageError(`Cannot write the results to ${path}: ${reasonNotCreated(error)}`);
  }
}

export function openStandardOutput(): Output {
  const stats = fstatSync(1);
  const isStream = stats.isFIFO() || stats.isSocket() || isatty(1);
  return isStream ? new StreamOutput() : new FileOutput("standard output", 1, { isOurs: false, ...modeOfStandardOutput() });
}

/** How a descriptor was opened, and where the next byte goes; unknown where the system does not tell. */
interface Mode {
  readonly appends: boolean;
  readonly offset?: number;
}

function modeOfStandardOutput(): Mode {
  try {
    const [, offset, flags] = /^pos:\s*(\d+)\nflags:\s*(\d+)/.exec(readFileSync("/proc/self/fdinfo/1", "utf8")) ?? [];
    const appends = (Number.parseInt(flags ?? "0", 8) & constants.O_APPEND) !== 0;
    return appends || offset === undefined ? { appends } : { appends, offset: Number(offset) };
  } catch {
    return { appends: false };
  }
}

class FileOutput implements Output {
  readonly name: string;
  readonly file: FileIdentity | undefined;
  position: number;
  readonly #fd: number;
  readonly #mode: Mode & { readonly isOurs: boolean };

  constructor(name: string, fd: number, mode: Mode & { readonly isOurs: boolean }) {
    const stats = fstatSync(fd);
    this.name = name;
    this.#fd = fd;
    this.#mode = mode;
    this.file = stats.isFile() ? { dev: stats.dev, ino: stats.ino } : undefined;
    this.position = this.file === undefined ? 0 : (mode.offset ?? stats.size);
  }

  write(bytes: Buffer): void {
    try {
      writeWhole(this.#fd, bytes);
    } catch (error) {
      this.#cutBack();
      if ((error as NodeJS.ErrnoException).code === "EPIPE") throw error;
      throw new WriteError(`Cannot write the results to ${this.name}: ${reasonOf(error)}`);
    }
    this.position += bytes.length;
  }

  continueAt(end: number): void {
    if (this.file === undefined) this.position = end;
    if (this.position === end) return;
    // The system writes a descriptor that does not append where its offset is, and Node cannot move that.
    if (!this.#mode.appends) throw new UsageError(`Cannot resume: ${this.name} does not append. Use >> instead of >, or --output FILE`);
    ftruncateSync(this.#fd, end);
    this.position = end;
  }

  sync(): void {
    if (this.file !== undefined) fsyncSync(this.#fd);
  }

  /** A full disk takes the first part of a line: it goes, so that the file holds whole results. */
  #cutBack(): void {
    if (this.file === undefined || !this.#mode.appends) return;
    try {
      ftruncateSync(this.#fd, this.position);
    } catch {
      // It is the write that has to be reported.
    }
  }
}

/** A pipe, a socket or a terminal. */
class StreamOutput implements Output {
  readonly name = "standard output";
  readonly file = undefined;
  position = 0;
  beforeWriting: (() => void) | undefined;

  async write(bytes: Buffer): Promise<void> {
    if (process.stdout.isTTY) this.beforeWriting?.();
    await writeStandardOutput(bytes);
    this.position += bytes.length;
  }

  continueAt(end: number): void {
    this.position = end;
  }

  sync(): void {}
}

/** The system may take a part of it only. */
export function writeWhole(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
}
