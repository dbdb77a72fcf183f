// One map under way: reads items no further than the bound, submits each, and ends at the first failure, at an abort or
// with the input. Whoever consumes the results takes them from here; map-stream.ts and toArray are the two ways.

import { CancelledError, TimeoutError } from "../contract/errors.ts";
import type { PreparedTask } from "../contract/executor.ts";
import { Future, settler } from "../contract/future.ts";
import { startTimer } from "../contract/timer.ts";
import { reportUnhandled } from "../contract/unhandled.ts";
import type { ItemReader } from "./item-reader.ts";
import type { StreamStore } from "./result-store.ts";
import { FinishOrder, InputOrder, ResultArray } from "./result-store.ts";

type AnyFuture = Future<unknown>;

/** What a run is made of, all checked. */
export interface MapPlan {
  readonly task: PreparedTask;
  readonly input: ItemReader;
  /** Makes the arguments of one item; throws for an item that cannot be any. */
  readonly argumentsOf: (item: unknown) => unknown[];
  readonly signal: AbortSignal | undefined;
  readonly deadline: number | undefined;
  readonly bufferSize: number | undefined;
  readonly ordered: boolean;
  readonly collects: boolean;
}

/** What comes next in the results, as an iterator tells it. */
export type Step = { readonly ok: true; readonly result: IteratorResult<unknown, undefined> } | { readonly ok: false; readonly error: unknown };

const END: Step = { ok: true, result: { done: true, value: undefined } };

export class MapRun {
  readonly #plan: MapPlan;
  readonly #stopTimer: () => void;
  #stream: StreamStore;
  /** Set once the results are wanted as an array: results are then handed out as soon as they exist. */
  #array: ResultArray | undefined;
  /** Told that there may be something to take. */
  #wake: () => void = () => {};
  #consumed = false;
  /** Whether more items are wanted and may be there. */
  #reads = true;
  /** Whether `#fill` is on the stack, or waits for an async input: never twice at once. */
  #isFilling = false;
  /** The input's own error: it ends the results after those of the items that were read. */
  #inputError: { readonly error: unknown } | undefined;
  /** Why the map was aborted before its input had ended: ends the results likewise. */
  #aborted: { readonly error: unknown } | undefined;
  /** The failure that ends the results at its position. Another one replaces it only from an earlier position. */
  #failed: AnyFuture | undefined;
  /** Tasks submitted whose outcome is not known. */
  #unsettled = 0;
  #isOver = false;

  constructor(plan: MapPlan) {
    this.#plan = plan;
    this.#stream = plan.ordered ? new InputOrder() : new FinishOrder();
    this.#stopTimer = startTimer(plan.deadline ?? Infinity, this.#expire);
    plan.signal?.addEventListener("abort", this.#abortBySignal, { once: true });
    if (plan.signal?.aborted === true) this.#abortBySignal();
    this.#fill();
  }

  /** The results as an array, once. */
  toArray(): Promise<unknown[]> {
    this.#consumed = true;
    const array = new ResultArray(this.#plan.ordered, (future) => this.#resultOf(future));
    for (const future of this.#stream.dropAll()) {
      array.add(future);
      if (future.done()) array.settled(future);
    }
    this.#array = array;
    return new Promise((resolve, reject) => {
      this.#wake = () => this.#endArray(array, resolve, reject);
      this.#fill();
      this.#wake();
    });
  }

  /** Says that the results are taken by `step`, and calls `wake` whenever that may have become worthwhile. */
  startStream(wake: () => void): void {
    this.#consumed = true;
    this.#wake = wake;
  }

  /** The next result; `undefined` while it is not there. */
  step(): Step | undefined {
    if (this.#isOver) return END;
    const future = this.#stream.take();
    if (future === undefined) return this.#isDrained() ? this.#endStream() : undefined;
    if (future === this.#failed) return this.#endStream();
    this.#fill();
    return { ok: true, result: { done: false, value: this.#resultOf(future) } };
  }

  /** Nobody wants further results. Rejects with what the input throws when it is closed. */
  close(): Promise<void> {
    const closed = this.#plan.input.close();
    if (!this.#isOver) this.#finish();
    return closed;
  }

  #fill(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    while (this.#wantsItem()) {
      const reading = this.#read();
      if (typeof reading === "object") return void reading.then(this.#readLater, this.#readFailedLater);
      this.#accept(reading);
    }
    this.#isFilling = false;
  }

  #wantsItem(): boolean {
    if (!this.#reads || (this.#aborted !== undefined && !this.#recordsUnread())) return false;
    const { bufferSize, task } = this.#plan;
    // Asked each time, as it grows once the rung knows how short the tasks are. None would never get anywhere.
    return (this.#array ?? this.#stream).held < (bufferSize ?? Math.max(1, task.suggestedReadAhead()));
  }

  /** Reads one item; an input that throws ends the results after those read before. */
  #read(): boolean | Promise<boolean> {
    try {
      return this.#plan.input.read();
    } catch (error) {
      this.#inputFailed(error);
      return false;
    }
  }

  readonly #readLater = (hasItem: boolean): void => {
    if (this.#reads) this.#accept(hasItem);
    this.#isFilling = false;
    this.#fill();
    this.#wake();
  };

  readonly #readFailedLater = (error: unknown): void => {
    if (this.#reads) this.#inputFailed(error);
    this.#isFilling = false;
    this.#wake();
  };

  #accept(hasItem: boolean): void {
    if (!hasItem) return this.#stopReading();
    this.#unsettled += 1;
    const future = this.#submit(this.#plan.input.item);
    this.#plan.input.item = undefined;
    (this.#array ?? this.#stream).add(future);
    settler.onSettled(future, this.#settled);
  }

  #submit(item: unknown): AnyFuture {
    if (this.#aborted !== undefined) return failedFuture(this.#aborted.error);
    let args: unknown[];
    try {
      args = this.#plan.argumentsOf(item);
    } catch (error) {
      return failedFuture(error);
    }
    return this.#plan.task.submit(args);
  }

  /** One function for all futures of the map, so that an item costs no closure. */
  readonly #settled = (future: AnyFuture): void => {
    this.#unsettled -= 1;
    if (future.state !== "done" && !this.#plan.collects) this.#failAt(future);
    (this.#array ?? this.#stream).settled(future);
    if (this.#array !== undefined) this.#fill();
    this.#stopListeningOnceSettled();
    this.#wake();
  };

  #failAt(future: AnyFuture): void {
    this.#failed = future;
    this.#closeInput();
    this.#giveUp((this.#array ?? this.#stream).dropAfter(future), new CancelledError("The task was cancelled as another item of its map failed"));
    if (future.state === "failed") this.#reportUnlessConsumed(settler.outcome(future).value);
  }

  #inputFailed(error: unknown): void {
    this.#inputError = { error };
    this.#stopReading();
    this.#reportUnlessConsumed(error);
  }

  readonly #abortBySignal = (): void => this.#abort(this.#plan.signal?.reason);

  readonly #expire = (): void => {
    const timeout = this.#plan.deadline as number;
    const error = new TimeoutError(`The map did not end within its deadline of ${timeout} ms`, { kind: "deadline", timeout });
    this.#reportUnlessConsumed(error);
    this.#abort(error);
  };

  #abort(reason: unknown): void {
    if (this.#reads) this.#aborted = { error: reason };
    if (this.#reads && !(this.#plan.collects && this.#plan.input.isSync)) this.#closeInput();
    this.#abortTasks((this.#array ?? this.#stream).unsettled(), reason);
    this.#fill();
    this.#wake();
  }

  /** The first ends the results at its position, so that those after it need not be heard of any more. */
  #abortTasks(unsettled: readonly AnyFuture[], reason: unknown): void {
    const [first] = unsettled;
    if (this.#plan.collects || first === undefined) return this.#plan.task.abort(unsettled, reason);
    this.#giveUp((this.#array ?? this.#stream).dropAfter(first), reason);
    this.#plan.task.abort([first], reason);
  }

  /** Whether an aborted map goes on reading, only to say of each item that it was not run: every outcome was asked for. */
  #recordsUnread(): boolean {
    return this.#plan.collects && this.#plan.input.isSync && this.#array !== undefined;
  }

  #closeInput(): void {
    this.#stopReading();
    // As in a for loop that throws: what the input says of being closed would hide why it was.
    this.#plan.input.close().catch(() => {});
  }

  #stopReading(): void {
    if (!this.#reads) return;
    this.#reads = false;
    this.#plan.task.release();
    this.#stopListeningOnceSettled();
  }

  /** What has nothing left to abort listens to no signal and holds no timer, although its results are not yet taken. */
  #stopListeningOnceSettled(): void {
    if (this.#reads || this.#unsettled > 0) return;
    this.#stopTimer();
    this.#plan.signal?.removeEventListener("abort", this.#abortBySignal);
  }

  #isDrained(): boolean {
    const mayGrow = this.#reads && (this.#aborted === undefined || this.#recordsUnread());
    return !mayGrow && (this.#array ?? this.#stream).held === 0;
  }

  #endStream(): Step {
    const failure = this.#failure();
    this.#finish();
    return failure === undefined ? END : { ok: false, error: failure.error };
  }

  #endArray(array: ResultArray, resolve: (results: unknown[]) => void, reject: (error: unknown) => void): void {
    if (this.#isOver || !this.#isDrained()) return;
    const failure = this.#failure();
    this.#finish();
    if (failure === undefined) resolve(array.results);
    else reject(failure.error);
    array.results = [];
  }

  #failure(): { readonly error: unknown } | undefined {
    if (this.#failed !== undefined) return { error: settler.outcome(this.#failed).value };
    return this.#inputError ?? (this.#recordsUnread() ? undefined : this.#aborted);
  }

  #finish(): void {
    this.#isOver = true;
    this.#closeInput();
    const left = (this.#array ?? this.#stream).dropAll();
    if (left.length > 0) this.#giveUp(left, new CancelledError("The task was cancelled as the results of its map are not wanted any more"));
    this.#stopListeningOnceSettled();
  }

  #giveUp(futures: readonly AnyFuture[], reason: unknown): void {
    const unsettled = futures.filter((future) => !future.done());
    if (unsettled.length === 0) return;
    for (const future of unsettled) settler.offSettled(future, this.#settled);
    this.#unsettled -= unsettled.length;
    this.#plan.task.abort(unsettled, reason);
  }

  #resultOf(future: AnyFuture): unknown {
    const { ok, value } = settler.outcome(future);
    if (!this.#plan.collects) return value;
    return ok ? { status: "fulfilled", value } : { status: "rejected", reason: value };
  }

  /** A map that nobody has looked at is no place for an error to get lost. */
  #reportUnlessConsumed(error: unknown): void {
    if (!this.#consumed) reportUnhandled(error, () => this.#consumed);
  }
}

function failedFuture(error: unknown): AnyFuture {
  const future = new Future<unknown>();
  settler.observe(future);
  settler.fail(future, error);
  return future;
}
