// One map under way: reads items no further than the bound, starts each, and ends at the first failure, at an abort or
// with the input. Whoever consumes the results takes them from here; map-stream.ts and toArray are the two ways.

import { CancelledError, TimeoutError } from "../contract/errors.ts";
import type { PreparedTask } from "../contract/executor.ts";
import { EndedItem, type MapItem } from "../contract/map-item.ts";
import { startTimer } from "../contract/timer.ts";
import { reportUnhandled } from "../contract/unhandled.ts";
import type { ItemReader } from "./item-reader.ts";
import type { StreamStore } from "./result-store.ts";
import { FinishOrder, InputOrder, ResultArray } from "./result-store.ts";

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
  #failed: MapItem | undefined;
  /** Items started, and those of them that have not ended. */
  #started = 0;
  #pending = 0;
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
    const array = new ResultArray(this.#plan.ordered, (item) => this.#resultOf(item));
    for (const item of this.#stream.dropAll()) {
      array.add(item);
      if (item.state !== "pending") array.ended(item);
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
    const item = this.#stream.take();
    if (item === undefined) return this.#isDrained() ? this.#endStream() : undefined;
    if (item === this.#failed) return this.#endStream();
    this.#fill();
    return { ok: true, result: { done: false, value: this.#resultOf(item) } };
  }

  /** Nobody wants further results. Rejects with what the input throws when it is closed. */
  close(): Promise<void> {
    const closed = this.#plan.input.close();
    if (!this.#isOver) this.#finish();
    return closed;
  }

  #fill(): void {
    if (this.#isFilling || !this.#mayRead()) return;
    const { bufferSize, task } = this.#plan;
    // Asked each time, as it grows once the rung knows how short the tasks are. None would never get anywhere.
    const suggested = Math.max(1, task.suggestedReadAhead());
    const bound = bufferSize ?? suggested;
    if (bound - this.#held < leastRead(bound, suggested)) return;
    this.#isFilling = true;
    while (this.#held < bound && this.#mayRead()) {
      const reading = this.#read();
      if (typeof reading === "object") return void reading.then(this.#readLater, this.#readFailedLater);
      this.#accept(reading);
    }
    this.#isFilling = false;
  }

  /** Items that count against the bound. */
  get #held(): number {
    return (this.#array ?? this.#stream).held;
  }

  #mayRead(): boolean {
    return this.#reads && (this.#aborted === undefined || this.#recordsUnread());
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
    this.#pending += 1;
    const item = this.#start(this.#plan.input.item, this.#started);
    this.#started += 1;
    this.#plan.input.item = undefined;
    (this.#array ?? this.#stream).add(item);
    if (item.state !== "pending") this.#ended(item);
  }

  #start(input: unknown, position: number): MapItem {
    if (this.#aborted !== undefined) return new EndedItem(position, "failed", this.#aborted.error);
    let args: unknown[];
    try {
      args = this.#plan.argumentsOf(input);
    } catch (error) {
      return new EndedItem(position, "failed", error);
    }
    return this.#plan.task.start(args, position, this.#ended);
  }

  /** One function for all items of the map, so that none costs a closure. */
  readonly #ended = (item: MapItem): void => {
    this.#pending -= 1;
    if (item.state !== "done" && !this.#plan.collects) this.#failAt(item);
    (this.#array ?? this.#stream).ended(item);
    if (this.#array !== undefined) this.#fill();
    this.#stopListeningOnceEnded();
    this.#wake();
  };

  #failAt(item: MapItem): void {
    this.#failed = item;
    this.#closeInput();
    this.#giveUp((this.#array ?? this.#stream).dropAfter(item), new CancelledError("The task was cancelled as another item of its map failed"));
    if (item.state === "failed") this.#reportUnlessConsumed(item.outcome);
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
    this.#abortItems((this.#array ?? this.#stream).pending(), reason);
    this.#fill();
    this.#wake();
  }

  /** The first ends the results at its position, so that those after it need not be heard of any more. */
  #abortItems(pending: readonly MapItem[], reason: unknown): void {
    const [first] = pending;
    if (this.#plan.collects || first === undefined) return this.#plan.task.abort(pending, reason);
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
    this.#stopListeningOnceEnded();
  }

  /** What has nothing left to abort listens to no signal and holds no timer, although its results are not yet taken. */
  #stopListeningOnceEnded(): void {
    if (this.#reads || this.#pending > 0) return;
    this.#stopTimer();
    this.#plan.signal?.removeEventListener("abort", this.#abortBySignal);
  }

  #isDrained(): boolean {
    return !this.#mayRead() && this.#held === 0;
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
    if (this.#failed !== undefined) return { error: this.#failed.outcome };
    return this.#inputError ?? (this.#recordsUnread() ? undefined : this.#aborted);
  }

  #finish(): void {
    this.#isOver = true;
    this.#closeInput();
    const left = (this.#array ?? this.#stream).dropAll();
    if (left.length > 0) this.#giveUp(left, new CancelledError("The task was cancelled as the results of its map are not wanted any more"));
    this.#stopListeningOnceEnded();
  }

  #giveUp(items: readonly MapItem[], reason: unknown): void {
    const pending = items.filter(({ state }) => state === "pending");
    if (pending.length === 0) return;
    for (const item of pending) item.forget();
    this.#pending -= pending.length;
    this.#plan.task.abort(pending, reason);
  }

  #resultOf({ state, outcome }: MapItem): unknown {
    if (!this.#plan.collects) return outcome;
    return state === "done" ? { status: "fulfilled", value: outcome } : { status: "rejected", reason: outcome };
  }

  /** A map that nobody has looked at is no place for an error to get lost. */
  #reportUnlessConsumed(error: unknown): void {
    if (!this.#consumed) reportUnhandled(error, () => this.#consumed);
  }
}

/**
 * Items that are read at once at least, an eighth of the bound: one by one, each would cost its pool a turn, and a worker a message,
 * of its own. But half of what the rung suggests is under way, and must not run low meanwhile.
 */
function leastRead(bound: number, suggested: number): number {
  return Math.max(1, Math.min(bound >> 3, bound - (suggested >> 1)));
}
