// The handle of a task: a Promise that can be cancelled and asked. Rungs settle it through `FutureSettler`, which
// users never see.

import { checkFunction, milliseconds, optionChecker } from "./check-options.ts";
import { CancelledError, TimeoutError } from "./errors.ts";
import { startTimer } from "./timer.ts";
import { reportUnhandled } from "./unhandled.ts";

/** Where a task is. `cancelled` and `failed` both reject; only `failed` counts as an error nobody handled. */
export type FutureState = "pending" | "running" | "done" | "failed" | "cancelled";

/** How long to wait for the end of a future. */
export interface ResultOptions {
  /** Milliseconds, 0 or more. Default: no limit. 0: only if it is there. */
  readonly timeout?: number | undefined;
}

const resultOptions = optionChecker<ResultOptions>({ timeout: milliseconds({ aboveZero: false }) });

/** Which worker ran the task. */
export interface WorkerInfo {
  /** 0 to `maxWorkers - 1`. */
  readonly index: number;
  /** The worker's process id, where it is a process. */
  readonly pid?: number | undefined;
  /** The worker's thread id, where it is a thread. */
  readonly threadId?: number | undefined;
}

/** When things happened, in milliseconds of `performance.now()`; `undefined` while they have not. */
export interface FutureTimings {
  /** When it was submitted. */
  readonly submitted: number;
  /** When its last attempt started. */
  readonly started: number | undefined;
  /** When its outcome arrived. */
  readonly finished: number | undefined;
}

/** What a task last said of itself with `currentTask().progress()`. */
export interface TaskProgress {
  /** 0 to 1. */
  readonly fraction: number;
  /** What it said beside, in words. */
  readonly note: string | undefined;
}

/** What the rung does for a future of its own. */
export interface FutureOwner {
  /** Withdraws a pending task. False if it has started in the meantime. The future is cancelled by `Future.cancel()` itself. */
  withdraw(future: Future<unknown>): boolean;
}

/** What is called when a future settles, with that future: one function serves any number of them. Must not throw. */
export type Reaction = (future: Future<unknown>) => void;

/**
 * The side of a future that belongs to the rung. Each method says whether it changed anything: the first settling wins.
 * `at`: when, of `performance.now()`; default now. For many at once the clock is read once.
 */
export interface FutureSettler {
  running(future: Future<unknown>, worker?: WorkerInfo, at?: number): boolean;
  /** Back to the queue, for a retry or because its worker died before it started; `attempts` that were begun so far. */
  pending(future: Future<unknown>, attempts: number): boolean;
  fulfil(future: Future<unknown>, value: unknown, at?: number): boolean;
  fail(future: Future<unknown>, error: unknown, at?: number): boolean;
  /** Rejects with `reason`: `signal.reason`, or a `CancelledError` if none is given. */
  cancel(future: Future<unknown>, reason?: unknown): boolean;
  progress(future: Future<unknown>, progress: TaskProgress): void;
  /** Someone has taken charge of this future's failure, so it is not reported as unhandled. */
  observe(future: Future<unknown>): void;
  /** Calls `reaction` synchronously when the future settles (now, if it has), in turn with the user's callbacks. Observes it. */
  onSettled(future: Future<unknown>, reaction: Reaction): void;
  /** Forgets a reaction given to `onSettled`: whoever stops waiting must not stay reachable from a future that goes on. */
  offSettled(future: Future<unknown>, reaction: Reaction): void;
  /** Whether code runs at once when it settles. */
  isWatched(future: Future<unknown>): boolean;
  /** Of `performance.now()`. */
  submittedAt(future: Future<unknown>): number;
  /** What was given to its constructor, while it has not ended. */
  ownerOf(future: Future<unknown>): FutureOwner | undefined;
}

/** Of the promise that is being made. */
let resolveBegun: ((value: unknown) => void) | undefined;
/** One function for all futures: a closure for each would cost as much as the promise. */
const keepResolve = (resolve: (value: unknown) => void): void => {
  resolveBegun = resolve;
};

/** Whoever is resolved with it is rejected. A future can thus do with one of the two functions of its promise: many may be pending. */
class Rejection {
  readonly #reason: unknown;

  constructor(reason: unknown) {
    this.#reason = reason;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- its only purpose.
  then(_fulfil: unknown, reject: (reason: unknown) => void): void {
    reject(this.#reason);
  }
}

/** `Promise` without what it has beside instances: a future is made by `submit` only. */
const PromiseOfLanguage = Promise as new <T>(executor: (resolve: (value: unknown) => void) => void) => Promise<T>;

const ignore = (): void => {};

function mayHaveThen(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Who looks at a future: the sum of these that hold. */
const NOBODY = 0;
/** Someone who takes charge of its failure: a callback, `wait`. */
const CALLBACK = 1;
/** Someone who awaits it, or is about to. */
const PROMISE = 2;

/** Who ran a task and when. The futures that a message settles have one together: there may be very many. */
interface RunRecord {
  readonly worker: WorkerInfo | undefined;
  readonly started: number | undefined;
  readonly finished: number | undefined;
}

const NOT_RUN: RunRecord = { worker: undefined, started: undefined, finished: undefined };

let [latestBegun, latestEnded] = [NOT_RUN, NOT_RUN];

/** The record of the future before, if it is the same. */
function begunRecord(worker: WorkerInfo | undefined, started: number): RunRecord {
  if (latestBegun.worker !== worker || latestBegun.started !== started) latestBegun = { worker, started, finished: undefined };
  return latestBegun;
}

function endedRecord({ worker, started }: RunRecord, finished: number): RunRecord {
  const { worker: sameWorker, started: sameStart, finished: sameEnd } = latestEnded;
  if (sameWorker !== worker || sameStart !== started || sameEnd !== finished) latestEnded = { worker, started, finished };
  return latestEnded;
}

/** Of the few that say any. */
const progressOf = new WeakMap<Future<unknown>, TaskProgress>();

/** Settles any future. Internal: not exported from the package's entry. */
export let settler: FutureSettler;

/**
 * A task that was submitted. It is a `Promise<T>` of the task's result (`await` it, `Promise.all` it), and has
 * `concurrent.futures` methods beside.
 *
 * A failure that nobody observed within a turn of the event loop is reported as Node reports unhandled
 * rejections. A cancellation is not. Observing is: `then`, `catch`, `finally`, `await`, `result()`,
 * `exception()`, `addDoneCallback()`, and handing it to `wait` or `asCompleted`.
 *
 * @example
 * ```ts
 * const future = pool.submit(gcd, [12, 18]);
 * future.state; // "pending"
 * await future; // 6
 * ```
 */
export class Future<T> extends PromiseOfLanguage<T> {
  #state: FutureState = "pending";
  #value: unknown = undefined;
  #observers = NOBODY;
  #attempts = 0;
  /** While the task has not ended. */
  #owner: FutureOwner | undefined;
  readonly #submitted: number = performance.now();
  #run = NOT_RUN;
  /** Run in order, each once: a lone one without an array, as nearly every future has one. */
  #reactions: Reaction | Reaction[] | undefined = undefined;
  /** Settles what handlers hang on, once there may be any. */
  #resolve: ((value: unknown) => void) | undefined;

  /** Futures come from `submit`. */
  constructor(owner?: FutureOwner) {
    // What `Promise.resolve` does when it is called on this class.
    if (typeof owner === "function") throw new TypeError("Cannot make a future: they come from submit()");
    super(keepResolve);
    this.#resolve = resolveBegun;
    // It would keep the future alive, and its value.
    resolveBegun = undefined;
    this.#owner = owner;
  }

  /** `"Future"`, for `Object.prototype.toString`. */
  override get [Symbol.toStringTag](): string {
    return "Future";
  }

  /** Where the task is. */
  get state(): FutureState {
    return this.#state;
  }

  /** The worker that runs or ran the task; `undefined` before it starts and on rungs without workers. */
  get worker(): WorkerInfo | undefined {
    return this.#run.worker;
  }

  /** How often the task has been started. */
  get attempts(): number {
    return this.#attempts;
  }

  /** When it was submitted, started and finished. */
  get timings(): FutureTimings {
    const { started, finished } = this.#run;
    return { submitted: this.#submitted, started, finished };
  }

  /** What the task last reported with `currentTask().progress()`; `undefined` before. */
  get progress(): TaskProgress | undefined {
    return progressOf.get(this);
  }

  /**
   * Cancels the task if it has not started. A running task is stopped by its `signal` instead.
   *
   * @returns `true` if the future is now (or was already) cancelled; `false` if it runs or has ended, and then nothing changed.
   */
  cancel(): boolean {
    if (this.#state === "cancelled") return true;
    if (this.#state !== "pending") return false;
    if (this.#owner !== undefined && !this.#owner.withdraw(this)) return false;
    this.#settle("cancelled", new CancelledError(), performance.now());
    return true;
  }

  /** Whether it was cancelled or aborted. */
  cancelled(): boolean {
    return this.#state === "cancelled";
  }

  /** Whether the task runs now. */
  running(): boolean {
    return this.#state === "running";
  }

  /** Whether it has ended: done, failed or cancelled. */
  done(): boolean {
    return this.#state !== "pending" && this.#state !== "running";
  }

  /**
   * The result, as awaiting the future gives it, within `timeout` milliseconds (0 or more; default: no limit; 0: only
   * if it is there).
   *
   * @throws {TimeoutError} If it is not there in time; the task goes on.
   * @throws {CancelledError} If it was cancelled. Otherwise whatever the task threw.
   * @throws {RangeError} If `timeout` is not such a number. {TypeError} If `options` is no object: `result(5)`.
   */
  result(options?: ResultOptions): Promise<T> {
    return this.#within(options, () => this.then());
  }

  /**
   * The error that the task failed with, or `null` if it succeeded. `timeout` as in {@link result}.
   *
   * @throws {TimeoutError} If it has not ended in time.
   * @throws {CancelledError} If it was cancelled.
   */
  exception(options?: ResultOptions): Promise<unknown> {
    const read = (): unknown => {
      if (this.#state === "cancelled") throw this.#value;
      return this.#state === "failed" ? this.#value : null;
    };
    return this.#within(options, () => this.then(read, read));
  }

  /**
   * Calls `callback` with this future when it ends, in the order added; at once if it has ended already.
   * A callback that throws is reported as an unhandled rejection, and the next ones still run.
   */
  addDoneCallback(callback: (future: this) => void): void {
    checkFunction(callback, "Cannot add a done callback");
    this.#observers |= CALLBACK;
    this.#react(() => {
      try {
        callback(this);
      } catch (error) {
        reportUnhandled(error);
      }
    });
  }

  /** What Node's `util.inspect` prints. */
  #inspect(inspect: (value: unknown) => string): string {
    const shown: { state: FutureState; value?: unknown; error?: unknown } = { state: this.#state };
    if (this.#state === "done") shown.value = this.#value;
    else if (this.done()) shown.error = this.#value;
    return `Future ${inspect(shown)}`;
  }

  /** Whoever is about to hang handlers on it has asked for its constructor. */
  #isAwaited(): void {
    if ((this.#observers & PROMISE) !== 0) return;
    this.#observers |= PROMISE;
    if (this.done()) this.#passOn();
  }

  #passOn(): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    if (this.#state === "done") return resolve?.(this.#value);
    // The constructor may have been read by someone who awaits nothing: this rejection must not be reported for that.
    if (this.#state === "cancelled" || (this.#observers & CALLBACK) !== 0) void this.then(undefined, ignore);
    resolve?.(new Rejection(this.#value));
  }

  #within<R>(options: ResultOptions | undefined, read: () => Promise<R>): Promise<R> {
    const { timeout: limit = Infinity } = resultOptions.check(options, "Cannot wait for the future");
    if (limit === Infinity || this.done()) return read();
    return new Promise<R>((resolve, reject) => {
      const expire = (): void => {
        this.#forget(settled);
        reject(new TimeoutError(`The future did not end within ${limit} ms`, { kind: "wait", timeout: limit }));
      };
      const settled = (): void => {
        stop();
        this.#observers |= CALLBACK;
        resolve(read());
      };
      if (limit === 0) return expire();
      const stop = startTimer(limit, expire);
      this.#react(settled);
    });
  }

  #react(reaction: Reaction): void {
    if (this.done()) reaction(this);
    else if (this.#reactions === undefined) this.#reactions = reaction;
    else if (typeof this.#reactions === "function") this.#reactions = [this.#reactions, reaction];
    else this.#reactions.push(reaction);
  }

  #forget(reaction: Reaction): void {
    if (this.#reactions === reaction) this.#reactions = undefined;
    else if (Array.isArray(this.#reactions)) this.#reactions = this.#reactions.filter((other) => other !== reaction);
  }

  #settle(state: "done" | "failed" | "cancelled", value: unknown, at: number): boolean {
    if (this.done()) return false;
    this.#state = state;
    this.#value = value;
    this.#run = endedRecord(this.#run, at);
    // Nothing of the task stays alive through a settled future.
    this.#owner = undefined;
    // A number or a text is passed on at once: what it takes to do so later is as large as the future, and very many may have
    // ended. Of an object, code of the user's may run.
    if ((this.#observers & PROMISE) !== 0 || (state === "done" && !mayHaveThen(value))) this.#passOn();
    const reactions = this.#reactions;
    this.#reactions = undefined;
    if (typeof reactions === "function") reactions(this);
    else if (reactions !== undefined) for (const reaction of reactions) reaction(this);
    if (state === "failed" && this.#observers === NOBODY) reportUnhandled(value, () => this.#observers !== NOBODY);
    return true;
  }

  static {
    // Every way of awaiting a promise asks for its constructor first: `await` and `Promise.all`, to take the future as it is,
    // and `then`, to make what it returns. So a future knows that it is awaited, although nothing is in their way.
    void Object.defineProperty(Future.prototype, "constructor", {
      get(this: Future<unknown>): unknown {
        if (!(#state in this)) return Future;
        this.#isAwaited();
        return Promise;
      },
    });
    // Under the name that util.inspect looks for, so that a printed future shows its state without Node being imported.
    void Object.defineProperty(Future.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value(this: Future<unknown>, _depth: number, options: unknown, inspect: (value: unknown, options: unknown) => string): string {
        return this.#inspect((shown) => inspect(shown, options));
      },
    });
    settler = {
      running(future, worker, at = performance.now()) {
        if (future.#state !== "pending") return false;
        future.#state = "running";
        future.#attempts += 1;
        future.#run = begunRecord(worker, at);
        return true;
      },
      pending(future, attempts) {
        if (future.#state !== "running") return false;
        future.#state = "pending";
        future.#attempts = attempts;
        return true;
      },
      fulfil: (future, value, at = performance.now()) => future.#settle("done", value, at),
      fail: (future, error, at = performance.now()) => future.#settle("failed", error, at),
      cancel: (future, reason) => future.#settle("cancelled", reason === undefined ? new CancelledError() : reason, performance.now()),
      progress(future, progress) {
        if (!future.done()) progressOf.set(future, progress);
      },
      observe(future) {
        future.#observers |= CALLBACK;
      },
      onSettled(future, reaction) {
        future.#observers |= CALLBACK;
        future.#react(reaction);
      },
      offSettled(future, reaction) {
        future.#forget(reaction);
      },
      isWatched: (future) => future.#reactions !== undefined,
      submittedAt: (future) => future.#submitted,
      ownerOf: (future) => future.#owner,
    };
  }
}
