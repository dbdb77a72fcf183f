// Hands out futures as they end, of any executors. Never cancels anything.

import { TimeoutError } from "../contract/errors.ts";
import { type Future, settler } from "../contract/future.ts";
import type { AsCompletedOptions } from "../contract/options.ts";
import { asCompletedOptions } from "../contract/task-option-checks.ts";
import { startTimer } from "../contract/timer.ts";
import { Fifo } from "./fifo.ts";
import { futuresByPosition } from "./futures-by-position.ts";

/**
 * One of the futures given to `asCompleted`, which has ended. Wrapped, as a loop's variable must not be a promise: the
 * compiler takes it for awaited, and an async generator that hands it on awaits it.
 */
export interface CompletedFuture<F extends Future<unknown>> {
  /** One that has ended. */
  readonly future: F;
  /** Its position in what was given; of a duplicate, the first. */
  readonly index: number;
}

/**
 * The futures as they end: those that have ended already first, then in finishing order, each once.
 *
 * It yields futures, not results: `await` or `result()` each, and one that has failed throws there and not in the loop.
 * No future is kept once it is yielded, and leaving the loop early forgets the others. A failure of a future that was
 * handed in is not reported as unhandled.
 *
 * @example
 * ```ts
 * const futures = urls.map((url) => pool.submit(fetchPage, url));
 * for await (const { future, index } of asCompleted(futures, { timeout: 5_000 })) console.log(urls[index], await future);
 * ```
 *
 * @param futures Futures, as `submit` gives them. Duplicates count once; several executors may be mixed.
 * @param options `timeout` in milliseconds, counted from this call. 0 or more; default: no limit.
 * @throws {TypeError | RangeError} At once, if `futures` holds anything else or `timeout` is not such a number.
 * @throws {TimeoutError} From the loop, when the time is over and some have not ended; they go on.
 */
export function asCompleted<F extends Future<unknown>>(futures: Iterable<F>, options?: AsCompletedOptions): AsyncIterableIterator<CompletedFuture<F>> {
  const { timeout = Infinity } = asCompletedOptions.check(options, "Cannot iterate over the futures");
  return new Completion(futuresByPosition(futures, "Cannot iterate over the futures"), timeout);
}

type Completed<F extends Future<unknown>> = IteratorResult<CompletedFuture<F>, undefined>;

interface Waiting<F extends Future<unknown>> {
  resolve(result: Completed<F>): void;
  reject(error: unknown): void;
}

class Completion<F extends Future<unknown>> implements AsyncIterableIterator<CompletedFuture<F>> {
  readonly #total: number;
  readonly #timeout: number;
  readonly #end: number;
  /** With their positions. */
  readonly #unfinished: Map<F, number>;
  readonly #finished = new Fifo<CompletedFuture<F>>();
  /** Calls of `next` that no future has answered yet. */
  readonly #waiting = new Fifo<Waiting<F>>();
  /** Runs only while someone waits, so that an iterator that was dropped keeps nothing alive. */
  #stopTimer: (() => void) | undefined;

  /** Takes `futures` over. */
  constructor(futures: Map<F, number>, timeout: number) {
    this.#total = futures.size;
    this.#timeout = timeout;
    this.#end = performance.now() + timeout;
    this.#unfinished = futures;
    for (const future of futures.keys()) settler.onSettled(future, this.#settled);
  }

  next(): Promise<Completed<F>> {
    const completed = this.#finished.shift();
    if (completed !== undefined) return Promise.resolve({ done: false, value: completed });
    if (this.#unfinished.size === 0) return Promise.resolve({ done: true, value: undefined });
    const left = this.#end - performance.now();
    if (left <= 0) return Promise.reject(this.#giveUp());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#stopTimer ??= startTimer(left, this.#expire);
    });
  }

  return(): Promise<Completed<F>> {
    this.#forget();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #settled = (future: Future<unknown>): void => {
    const completed = { future: future as F, index: this.#unfinished.get(future as F) as number };
    this.#unfinished.delete(future as F);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#finished.push(completed);
    else waiting.resolve({ done: false, value: completed });
    this.#endSurplus();
    if (this.#waiting.length === 0) this.#disarm();
  };

  readonly #expire = (): void => {
    const error = this.#giveUp();
    this.#waiting.shift()?.reject(error);
    this.#forget();
  };

  /** Answers calls of `next` for which no future is left. */
  #endSurplus(): void {
    while (this.#waiting.length > this.#unfinished.size) this.#waiting.pop()?.resolve({ done: true, value: undefined });
  }

  #giveUp(): TimeoutError {
    const message = `${this.#unfinished.size} (of ${this.#total}) futures unfinished`;
    this.#forgetFutures();
    return new TimeoutError(message, { kind: "wait", timeout: this.#timeout });
  }

  #forget(): void {
    this.#forgetFutures();
    this.#finished.clear();
    this.#endSurplus();
    this.#disarm();
  }

  #forgetFutures(): void {
    for (const future of this.#unfinished.keys()) settler.offSettled(future, this.#settled);
    this.#unfinished.clear();
  }

  #disarm(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
