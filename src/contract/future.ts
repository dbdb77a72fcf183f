// The handle of a task: a Promise that can be cancelled and asked. Rungs settle it through `FutureSettler`, which
// users never see.

import { CancelledError, InvalidStateError, TimeoutError } from "./errors.ts";
import { reportUnhandled } from "./unhandled.ts";

/** Where a task is. `cancelled` and `failed` both reject; only `failed` counts as an error nobody handled. */
export type FutureState = "pending" | "running" | "done" | "failed" | "cancelled";

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
  readonly submitted: number;
  readonly started: number | undefined;
  readonly finished: number | undefined;
}

/** What a task last said of itself with `currentTask().progress()`. */
export interface TaskProgress {
  readonly fraction: number;
  readonly note: string | undefined;
}

/** What the rung does for a future of its own. */
export interface FutureOwner {
  /** Withdraws a pending task. False if it has started in the meantime. The future is cancelled by `Future.cancel()` itself. */
  withdraw(future: Future<unknown>): boolean;
}

/** The side of a future that belongs to the rung. Each method says whether it changed anything: the first settling wins. */
export interface FutureSettler {
  running(future: Future<unknown>, worker?: WorkerInfo): boolean;
  /** Back to the queue, for a retry or because its worker died before it started. */
  pending(future: Future<unknown>): boolean;
  fulfil(future: Future<unknown>, value: unknown): boolean;
  fail(future: Future<unknown>, error: unknown): boolean;
  /** Rejects with `reason`: `signal.reason`, or a `CancelledError` if none is given. */
  cancel(future: Future<unknown>, reason?: unknown): boolean;
  progress(future: Future<unknown>, progress: TaskProgress): void;
  /** Someone has taken charge of this future's failure, so it is not reported as unhandled. */
  observe(future: Future<unknown>): void;
  /** Calls `reaction` synchronously when the future settles (now, if it has): for combinators, before any user callback. */
  onSettled(future: Future<unknown>, reaction: () => void): void;
  /** The value if done; the error or cancel reason otherwise. Throws on a future that has not settled. */
  outcome(future: Future<unknown>): { readonly ok: boolean; readonly value: unknown };
}

type Reaction = () => void;

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
export class Future<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = "Future";

  #state: FutureState = "pending";
  #value: unknown = undefined;
  #observed = false;
  #attempts = 0;
  #owner: FutureOwner | undefined;
  #worker: WorkerInfo | undefined = undefined;
  #progress: TaskProgress | undefined = undefined;
  #started: number | undefined = undefined;
  #finished: number | undefined = undefined;
  readonly #submitted: number = performance.now();
  /** Run in order, each once: a lone one without an array, as nearly every future has one. */
  #reactions: Reaction | Reaction[] | undefined = undefined;

  /** Futures come from `submit`. */
  constructor(owner?: FutureOwner) {
    this.#owner = owner;
  }

  get state(): FutureState {
    return this.#state;
  }

  /** The worker that runs or ran the task; `undefined` before it starts and on rungs without workers. */
  get worker(): WorkerInfo | undefined {
    return this.#worker;
  }

  /** How often the task has been started. */
  get attempts(): number {
    return this.#attempts;
  }

  get timings(): FutureTimings {
    return { submitted: this.#submitted, started: this.#started, finished: this.#finished };
  }

  get progress(): TaskProgress | undefined {
    return this.#progress;
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
    this.#settle("cancelled", new CancelledError());
    return true;
  }

  cancelled(): boolean {
    return this.#state === "cancelled";
  }

  running(): boolean {
    return this.#state === "running";
  }

  /** Whether it has ended: done, failed or cancelled. */
  done(): boolean {
    return this.#state !== "pending" && this.#state !== "running";
  }

  /**
   * The result, as awaiting the future gives it, within `timeout` milliseconds (default: no limit; 0: only if it is there).
   *
   * @throws {TimeoutError} If it is not there in time; the task goes on.
   * @throws {CancelledError} If it was cancelled. Otherwise whatever the task threw.
   */
  result(options: { readonly timeout?: number | undefined } = {}): Promise<T> {
    return this.#within(options.timeout, () => this.then());
  }

  /**
   * The error that the task failed with, or `null` if it succeeded.
   *
   * @throws {TimeoutError} If it has not ended in time. @throws {CancelledError} If it was cancelled.
   */
  exception(options: { readonly timeout?: number | undefined } = {}): Promise<unknown> {
    const read = (): unknown => {
      if (this.#state === "cancelled") throw this.#value;
      return this.#state === "failed" ? this.#value : null;
    };
    return this.#within(options.timeout, () => this.then(read, read));
  }

  /**
   * Calls `callback` with this future when it ends, in the order added; at once if it has ended already.
   * A callback that throws is reported as an unhandled rejection, and the next ones still run.
   */
  addDoneCallback(callback: (future: this) => void): void {
    if (typeof callback !== "function") throw new TypeError(`Cannot add a done callback: expected a function, got ${typeof callback}`);
    this.#observed = true;
    this.#react(() => {
      try {
        callback(this);
      } catch (error) {
        reportUnhandled(error);
      }
    });
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a Future is a Promise.
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#observed = true;
    return new Promise<A | B>((resolve, reject) => {
      const settled = (): void =>
        this.#state === "done"
          ? continueWith(onFulfilled, this.#value as T, resolve, reject, true)
          : continueWith(onRejected, this.#value, resolve, reject, false);
      // Handlers of a promise never run inside the call that settles it.
      this.#react(() => queueMicrotask(settled));
    });
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally);
  }

  #within<R>(timeout: number | undefined, read: () => Promise<R>): Promise<R> {
    if (timeout === undefined || timeout === Infinity || this.done()) return read();
    if (typeof timeout !== "number" || !(timeout >= 0))
      throw new RangeError(`Cannot wait for the future: timeout must be a number of milliseconds, 0 or more, got ${String(timeout)}`);
    return new Promise<R>((resolve, reject) => {
      const expire = (): void => reject(new TimeoutError(`The future did not end within ${timeout} ms`, { kind: "wait", timeout }));
      if (timeout === 0) return expire();
      const timer = setTimeout(expire, timeout);
      this.#react(() => {
        clearTimeout(timer);
        resolve(read());
      });
      this.#observed = true;
    });
  }

  #react(reaction: Reaction): void {
    if (this.done()) reaction();
    else if (this.#reactions === undefined) this.#reactions = reaction;
    else if (typeof this.#reactions === "function") this.#reactions = [this.#reactions, reaction];
    else this.#reactions.push(reaction);
  }

  #settle(state: "done" | "failed" | "cancelled", value: unknown): boolean {
    if (this.done()) return false;
    this.#state = state;
    this.#value = value;
    this.#finished = performance.now();
    // Nothing of the task stays alive through a settled future.
    this.#owner = undefined;
    const reactions = this.#reactions;
    this.#reactions = undefined;
    if (typeof reactions === "function") reactions();
    else if (reactions !== undefined) for (const reaction of reactions) reaction();
    if (state === "failed" && !this.#observed) reportUnhandled(value, () => this.#observed);
    return true;
  }

  static {
    settler = {
      running(future, worker) {
        if (future.#state !== "pending") return false;
        future.#state = "running";
        future.#worker = worker;
        future.#attempts += 1;
        future.#started = performance.now();
        return true;
      },
      pending(future) {
        if (future.#state !== "running") return false;
        future.#state = "pending";
        return true;
      },
      fulfil: (future, value) => future.#settle("done", value),
      fail: (future, error) => future.#settle("failed", error),
      cancel: (future, reason) => future.#settle("cancelled", reason === undefined ? new CancelledError() : reason),
      progress(future, progress) {
        if (!future.done()) future.#progress = progress;
      },
      observe(future) {
        future.#observed = true;
      },
      onSettled(future, reaction) {
        future.#observed = true;
        future.#react(reaction);
      },
      outcome(future) {
        if (!future.done()) throw new InvalidStateError(`The future has no outcome yet: it is ${future.#state}`);
        return { ok: future.#state === "done", value: future.#value };
      },
    };
  }
}

/** One step of a promise chain: the handler's result, or the value itself where there is no handler. */
function continueWith<V, R>(
  handler: ((value: V) => R | PromiseLike<R>) | null | undefined,
  value: V,
  resolve: (value: R | PromiseLike<R>) => void,
  reject: (reason: unknown) => void,
  ok: boolean,
): void {
  // Without a handler the promise is one of V: then()'s own type says that R is V.
  if (typeof handler !== "function") return ok ? resolve(value as unknown as R) : reject(value);
  try {
    resolve(handler(value));
  } catch (error) {
    reject(error);
  }
}
