// How far a run is, on standard error: one line that is written over on a terminal, now and then a plain line elsewhere.
// Written here, as libraries for it want to know the number of items, which nobody knows of a pipe.

import type { Input } from "./input.ts";
import type { RunCounts } from "./run.ts";

/** Milliseconds between two looks of the bar. More often: no eye can follow. */
export const BAR_MS = 100;
/** Milliseconds between two plain lines: a log of an hour has 120. */
const LINE_MS = 30_000;
const BAR_WIDTH = 24;
const WIPE_LINE = "\r\u001B[K";

export class Progress {
  readonly #isTerminal: boolean;
  readonly #counts: () => RunCounts;
  readonly #input: Pick<Input, "bytesRead" | "itemsRead" | "size">;
  readonly #start: number = performance.now();
  readonly #timer: NodeJS.Timeout;
  /** Standard error's own, which does not take the bar away. */
  readonly #write: typeof process.stderr.write = process.stderr.write.bind(process.stderr);
  #isShown = false;
  /** Whether somebody else has begun a line there and not ended it. */
  #isLineBegun = false;

  constructor(isTerminal: boolean, input: Pick<Input, "bytesRead" | "itemsRead" | "size">, counts: () => RunCounts) {
    this.#isTerminal = isTerminal;
    this.#counts = counts;
    this.#input = input;
    this.#timer = setInterval(() => this.#show(), isTerminal ? BAR_MS : LINE_MS);
    this.#timer.unref();
    if (isTerminal) process.stderr.write = this.#writeInstead as typeof process.stderr.write;
  }

  /** What a task prints, and what the run has to say: not behind the bar, and not to be wiped with it. */
  readonly #writeInstead = (...args: Parameters<typeof process.stderr.write>): boolean => {
    this.clear();
    this.#isLineBegun = !String(args[0]).endsWith("\n");
    return this.#write(...args);
  };

  /** Takes the bar from the screen, for something else to be written there. It comes back by itself. */
  clear(): void {
    if (this.#isShown) this.#write(WIPE_LINE);
    this.#isShown = false;
  }

  /** Leaves the last state on the screen. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#isTerminal) process.stderr.write = this.#write;
    if (!this.#isShown) return;
    this.#show();
    this.#write("\n");
    this.#isShown = false;
  }

  #show(): void {
    const { done, resumed, failed } = this.#counts();
    const { bytesRead, itemsRead, size } = this.#input;
    const part = size === undefined || size === 0 || itemsRead === 0 ? undefined : Math.min(1, (bytesRead / size) * (done / itemsRead));
    const text = progressText({ done, newlyDone: done - resumed, failed, part, seconds: (performance.now() - this.#start) / 1000 });
    if (!this.#isTerminal) return void this.#write(`progress: ${text}\n`);
    if (this.#isLineBegun) return;
    this.#write(`${WIPE_LINE}${barText(text, part, (process.stderr.columns ?? 80) - 1)}`);
    this.#isShown = true;
  }
}

/** The bar goes first where there is no room for all. */
export function barText(text: string, part: number | undefined, width: number): string {
  if (part === undefined) return text.slice(0, width);
  const both = `[${"=".repeat(Math.round(part * BAR_WIDTH)).padEnd(BAR_WIDTH)}] ${text}`;
  return both.length <= width ? both : text.slice(0, width);
}

/** What is known of a run. */
export interface ProgressFacts {
  readonly done: number;
  /** Without those of earlier runs. */
  readonly newlyDone: number;
  readonly failed: number;
  /** 0 to 1; `undefined` if nobody knows how much there is. */
  readonly part: number | undefined;
  readonly seconds: number;
}

/** `45 %, 12,345 items, 1,234/s, 3 failed, 0:12 left` */
export function progressText({ done, newlyDone, failed, part, seconds }: ProgressFacts): string {
  const rate = seconds > 0 ? newlyDone / seconds : 0;
  const resumedPart = part === undefined || done === 0 ? 0 : part * (1 - newlyDone / done);
  const left = part === undefined || newlyDone === 0 ? undefined : (seconds * (1 - part)) / (part - resumedPart);
  return [
    ...(part === undefined ? [] : [`${Math.floor(part * 100)} %`]),
    `${grouped(done)} ${done === 1 ? "item" : "items"}`,
    `${rate >= 10 ? grouped(Math.round(rate)) : rate.toFixed(1)}/s`,
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
    ...(left === undefined || !Number.isFinite(left) ? [] : [`${clock(left)} left`]),
  ].join(", ");
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}
