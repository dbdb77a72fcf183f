// One run: reads items, has them run no further ahead than pays, and writes each result in its turn, then its line in
// the joblog. Two loops, as a slow input must not keep results back nor a slow reader the input's place.

import type { PreparedTask } from "../../contract/executor.ts";
import type { Future } from "../../contract/future.ts";
import type { Entry, Outcome } from "./entry.ts";
import type { HaltRule, HaltTime } from "./halt.ts";
import { isHalted } from "./halt.ts";
import type { Input } from "./input.ts";
import type { Job, Joblog, JobOutcome } from "./joblog.ts";
import type { JoblogProgress } from "./joblog-progress.ts";
import type { Answer } from "./line-function.ts";
import { readTimed } from "./line-function.ts";
import type { Output } from "./output.ts";
import type { RawItem } from "./raw-item.ts";
import type { Reports } from "./reports.ts";
import { describeError } from "./reports.ts";
import { WRITE_BYTES } from "./resume.ts";
import { Signal } from "./signal.ts";
import { Turns } from "./turns.ts";

export interface RunPlan {
  readonly input: Input;
  readonly output: Output;
  readonly task: PreparedTask;
  readonly maxWorkers: number;
  readonly chunkSize: number | undefined;
  readonly ordered: boolean;
  readonly onError: "fail" | "skip" | "null";
  readonly halt: HaltRule | undefined;
  readonly joblog: Joblog | undefined;
  readonly earlier: JoblogProgress | undefined;
  readonly reports: Reports;
}

/** Counts of items, as of now. */
export interface RunCounts {
  /** Written by this run, or passed over as earlier ones wrote them. */
  readonly done: number;
  readonly failed: number;
  readonly resumed: number;
}

/** Times as many items as are run ahead may wait for a slow one before them. More: memory. Fewer: idle workers. */
const WAITING_FACTOR = 4;
/** Characters of items and results at most, but for one item on each worker. */
const MOST_CHARACTERS = 64 * 2 ** 20;
/** What it says that no worker starts, so that no item can run. */
const BROKEN = "DURE_BROKEN_EXECUTOR";

export class Run {
  readonly #plan: RunPlan;
  readonly #turns: Turns;
  readonly #hasRoom = new Signal();
  readonly #hasEnded = new Signal();
  #hasReadAll = false;
  #stopped: string | undefined;
  #fatal: { readonly error: unknown } | undefined;
  #unsettled = 0;
  #characters = 0;
  #written = 0;
  #ended = 0;
  #failed = 0;

  constructor(plan: RunPlan) {
    this.#plan = plan;
    this.#turns = new Turns(plan.ordered);
  }

  get counts(): RunCounts {
    const resumed = this.#plan.earlier?.done ?? 0;
    return { done: this.#written + resumed, failed: this.#failed + (this.#plan.earlier?.failed ?? 0), resumed };
  }

  /** Why it ended before its input. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  /** Resolves when all has been written; rejects with what makes going on impossible. */
  async finish(): Promise<void> {
    void this.#readAll();
    try {
      await this.#writeAll();
    } finally {
      this.#hasReadAll = true;
      this.#plan.input.close();
      this.#hasRoom.notify();
    }
    if (this.#fatal !== undefined) throw this.#fatal.error;
  }

  /** Starts nothing more. What has ended is still written, as far as its turn has come. */
  stop(why: string, when: HaltTime): void {
    this.#stopReading(why);
    if (when === "now") this.#abort(this.#turns.dropUnfinished(), why);
    // From the last on: in order, a result behind one that will never be there could not be written.
    else this.#turns.dropLast((entry) => (entry.isDropped = entry.future?.cancel() === true));
    this.#hasEnded.notify();
  }

  #stopReading(why: string): void {
    this.#stopped ??= why;
    this.#hasReadAll = true;
    this.#plan.input.close();
    this.#hasRoom.notify();
  }

  #fail(error: unknown): void {
    this.#fatal ??= { error };
    this.stop("stopped", "now");
  }

  async #readAll(): Promise<void> {
    const { input, earlier } = this.#plan;
    try {
      for await (const items of input.portions()) {
        for (const item of items) {
          if (earlier?.passes(item) === true) continue;
          while (!this.#isRoom() && !this.#hasReadAll) await this.#hasRoom.wait();
          if (this.#hasReadAll) return;
          this.#start(item);
        }
      }
      earlier?.checkLength(input.itemsRead);
    } catch (error) {
      // An input that was closed says so by an error.
      if (!this.#hasReadAll) this.#fail(error);
    } finally {
      this.#hasReadAll = true;
      this.#plan.task.release();
      this.#hasEnded.notify();
    }
  }

  #isRoom(): boolean {
    const { task, maxWorkers, chunkSize = 1 } = this.#plan;
    const ahead = Math.max(task.suggestedReadAhead(), 2 * chunkSize * Math.min(maxWorkers, 1024));
    if (this.#unsettled >= ahead || this.#turns.held >= WAITING_FACTOR * ahead) return false;
    return this.#characters < MOST_CHARACTERS || this.#unsettled < maxWorkers;
  }

  #start(item: RawItem): void {
    const future = item.flaw === undefined ? (this.#plan.task.submit([item.text]) as Future<Answer>) : undefined;
    const entry: Entry = { item, future, outcome: undefined, isDropped: false };
    this.#turns.add(entry);
    this.#unsettled += 1;
    this.#characters += item.text.length;
    if (future === undefined) return this.#settle(entry, failure(item.flaw as string, undefined));
    const isRefused = future.state === "failed";
    future.then(
      (answer) => this.#settle(entry, outcomeOf(answer, future)),
      (error: unknown) => {
        if (isRefused || (error as { code?: unknown } | null)?.code === BROKEN) this.#fail(error);
        this.#settle(entry, failure(describeError(error), future));
      },
    );
  }

  #settle(entry: Entry, outcome: Outcome): void {
    this.#unsettled -= 1;
    if (entry.isDropped) return;
    entry.outcome = outcome;
    this.#ended += 1;
    this.#characters += (outcome.json?.length ?? 0) - entry.item.text.length;
    this.#turns.ended(entry);
    if (outcome.json === undefined) this.#failedItem(entry);
    this.#hasEnded.notify();
    this.#hasRoom.notify();
  }

  #failures = 0;

  /** Decides whether the run goes on. */
  #failedItem(entry: Entry): void {
    const { onError, halt } = this.#plan;
    this.#failures += 1;
    // An earlier item may fail after a later one has: the first in order is where the results end.
    if (onError === "fail") {
      this.#stopReading("stopped at a failure");
      this.#abort(this.#turns.dropAfter(entry), "another item has failed");
    } else if (halt !== undefined && this.#stopped === undefined && isHalted(halt, this.#failures, this.#ended)) {
      this.stop(`stopped as --halt says at ${this.#failures === 1 ? "1 failure" : `${this.#failures} failures`}`, halt.when);
    }
  }

  #abort(entries: readonly Entry[], why: string): void {
    for (const entry of entries) entry.isDropped = true;
    const futures = entries.flatMap(({ future, outcome }) => (future === undefined || outcome !== undefined ? [] : [future as Future<unknown>]));
    this.#plan.task.abort(futures, new Error(why));
    if (this.#plan.onError === "fail") return;
    // Their turn never comes, but nobody shall look for why the run was stopped.
    for (const { item, outcome } of entries) if (outcome !== undefined && outcome.json === undefined) this.#plan.reports.failure(item, outcome.error);
  }

  async #writeAll(): Promise<void> {
    for (;;) {
      const entries = this.#takeReady();
      if (entries.length > 0) await this.#write(entries);
      else if (this.#hasReadAll && this.#turns.held === 0) return;
      else await this.#hasEnded.wait();
    }
  }

  /** As many as are written at once. */
  #takeReady(): Entry[] {
    const entries: Entry[] = [];
    let most = 0;
    for (let entry = this.#turns.peek(); entry !== undefined; entry = this.#turns.peek()) {
      // A character takes three bytes at most. A file never holds more that no joblog tells of, but for one long result.
      most += 3 * this.#textOf(entry).length;
      if (most > WRITE_BYTES && entries.length > 0) break;
      entries.push(entry);
      this.#turns.take();
    }
    return entries;
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    const { output, joblog } = this.#plan;
    const start = output.position;
    const text = entries.map((entry) => this.#textOf(entry)).join("");
    if (text !== "") await output.write(Buffer.from(text));
    if (joblog !== undefined) joblog.add(this.#jobsOf(entries, start));
    for (const entry of entries) this.#count(entry);
    this.#hasRoom.notify();
  }

  #textOf({ outcome }: Entry): string {
    if (outcome?.json !== undefined) return `${outcome.json}\n`;
    return this.#plan.onError === "null" ? "null\n" : "";
  }

  #jobsOf(entries: readonly Entry[], start: number): Job[] {
    let end = start;
    return entries.map((entry) => {
      end += Buffer.byteLength(this.#textOf(entry));
      const { worker, startedAt, ms, attempts, error } = entry.outcome as Outcome;
      return { item: entry.item, worker, startedAt, ms, attempts, outcome: this.#jobOutcome(entry), end, error };
    });
  }

  #jobOutcome({ outcome }: Entry): JobOutcome {
    if (outcome?.json !== undefined) return "ok";
    return ({ fail: "failed", skip: "skipped", null: "null" } as const)[this.#plan.onError];
  }

  #count({ item, outcome }: Entry): void {
    this.#written += 1;
    this.#characters -= outcome?.json?.length ?? 0;
    if (outcome?.json !== undefined) return;
    this.#failed += 1;
    this.#plan.reports.failure(item, outcome?.error ?? "");
  }
}

function outcomeOf(answer: Answer, future: Future<Answer>): Outcome {
  if (typeof answer === "object") return failure(answer.flaw, future);
  // A time comes first only where a joblog wants it: no JSON begins with a digit and a space behind thirteen of them.
  const timed = future.attempts > 0 && /^\d{13} /.test(answer) ? readTimed(answer) : undefined;
  const { worker, attempts } = future;
  return { json: timed?.json ?? answer, error: "", worker: worker?.index, startedAt: timed?.startedAt, ms: timed?.ms, attempts };
}

/** What failed has told no times of its own: those that this side knows. */
function failure(error: string, future: Future<Answer> | undefined): Outcome {
  const { started, finished } = future?.timings ?? { started: undefined, finished: undefined };
  const ms = started === undefined || finished === undefined ? undefined : finished - started;
  const startedAt = started === undefined ? undefined : performance.timeOrigin + started;
  return { json: undefined, error, worker: future?.worker?.index, startedAt, ms, attempts: future?.attempts ?? 0 };
}
