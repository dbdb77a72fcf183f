// A task while it runs: what `currentTask()` gives to it.

import { announceTaskEnd, type TaskContext } from "../contract/task-context.ts";

/** What a running task needs of the worker that runs it. */
export interface TaskHost {
  readonly workerIndex: number;
  isAborted(slot: number): boolean;
  /** Fetches an abort message that has arrived but waits for the event loop. */
  deliverArrived(): void;
  reportProgress(task: RunningTask, fraction: number, note: string | undefined): void;
}

/** What is told of a task beside its arguments. */
export interface TaskFacts {
  readonly taskId: number;
  /** Its control word, or -1. */
  readonly slot: number;
  readonly attempt: number;
  readonly label: string | undefined;
  /** For how many milliseconds outcomes may be held back while it runs. */
  readonly patience: number;
}

export class RunningTask implements TaskContext {
  readonly #host: TaskHost;
  readonly id: number;
  readonly attempt: number;
  readonly label: string;
  readonly patience: number;
  readonly #slot: number;
  /** Made when first asked for: few tasks look at their signal. */
  #controller: AbortController | undefined;
  #hasAborted = false;
  #abortReason: unknown;
  #hasEnded = false;

  constructor(host: TaskHost, { taskId, slot, attempt, label, patience }: TaskFacts, functionName: string) {
    this.#host = host;
    this.id = taskId;
    this.#slot = slot;
    this.attempt = attempt;
    this.label = label ?? functionName;
    this.patience = patience;
  }

  get workerIndex(): number {
    return this.#host.workerIndex;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get aborted(): boolean {
    // The slot belongs to another task once this one has ended.
    return this.#hasAborted || (!this.#hasEnded && this.#slot >= 0 && this.#host.isAborted(this.#slot));
  }

  get signal(): AbortSignal {
    // In a synchronous loop no event can deliver the reason, so a task that looks at its signal fetches it.
    if (!this.#hasAborted && this.aborted) this.#host.deliverArrived();
    this.#controller ??= this.#newController();
    return this.#controller.signal;
  }

  #newController(): AbortController {
    const controller = new AbortController();
    if (this.#hasAborted) controller.abort(this.#abortReason);
    return controller;
  }

  progress(fraction: number, note?: string): void {
    if (typeof fraction !== "number") throw new TypeError(`Cannot report progress: the fraction must be a number from 0 to 1, got ${typeof fraction}`);
    if (!(fraction >= 0 && fraction <= 1)) throw new RangeError(`Cannot report progress: the fraction must be a number from 0 to 1, got ${fraction}`);
    if (note !== undefined && typeof note !== "string") throw new TypeError(`Cannot report progress: the note must be a string, got ${typeof note}`);
    if (!this.#hasEnded) this.#host.reportProgress(this, fraction, note);
  }

  abort(reason: unknown): void {
    if (this.#hasAborted || this.#hasEnded) return;
    this.#hasAborted = true;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  end(): void {
    this.#hasEnded = true;
    announceTaskEnd(this);
  }
}
