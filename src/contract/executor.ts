// What every rung is: the interface that users program against, and the seam that combinators build on.

import type { Future } from "./future.ts";
import type { ItemListener, MapItem } from "./map-item.ts";
import type { MapOptions, TaskOptions } from "./options.ts";

/** A function that a rung may run: it takes no `this`, so that a method that needs one does not compile. */
export type TaskFunction<A extends unknown[], R> = (this: void, ...args: A) => R;

/** What can be iterated over. */
export type Items<T> = Iterable<T> | AsyncIterable<T>;

/** Options of a map that gives every outcome instead of failing with the first. */
export type CollectOptions = MapOptions & { readonly onError: "collect" };

/** Options of a map that fails with the first failure. */
export type ThrowOptions = MapOptions & { readonly onError?: "throw" | undefined };

/** Runs functions: an executor, or a view of one with other task options. */
export interface TaskSubmitter {
  /**
   * Runs `fn(...args)` and returns its future at once.
   *
   * Arguments and captured variables are those of this moment. Throws only for wrong arguments; whatever else
   * goes wrong (a closed executor, a full queue, a value that cannot cross) is a future that has already failed.
   *
   * Tasks start when the code that runs now has ended; on workers also before, in code that goes on submitting for 5 ms or 512
   * tasks. Results may then arrive before it has ended, so that futures are done; whoever waits for them is called after it.
   *
   * Types: of an overloaded function its last overload counts; a generic one is instantiated by its arguments. `fn` is
   * called without `this`: bind a method first.
   *
   * @throws {TypeError} If `fn` is not a function.
   */
  submit<A extends unknown[], R>(fn: TaskFunction<A, R>, ...args: A): Future<Awaited<R>>;

  /**
   * Runs `fn(item)` for every item. Reads `items` lazily, no further than `bufferSize` ahead.
   *
   * Work starts now, without waiting for the results to be taken. The results are those of a serial loop, in its order
   * (`ordered: false`: as they finish, also in the awaited array). The first failure surfaces at its position, after the
   * results before it: what comes after it and has not started is cancelled, what runs is told by its signal, and the
   * input is closed. With `onError: "collect"` every outcome is given instead; if the map is then aborted by its
   * `signal` or `deadline`, the array says of every item of a sync input that it was not run, while an iteration (and
   * an array of an async input) ends by throwing the reason.
   *
   * @throws {TypeError | RangeError} If `fn`, `items` or an option is not what it must be.
   */
  map<T, R>(fn: TaskFunction<[item: T], R>, items: Items<T>, options: CollectOptions): MapResult<PromiseSettledResult<Awaited<R>>>;
  /** Without `onError: "collect"`: the values alone. */
  map<T, R>(fn: TaskFunction<[item: T], R>, items: Items<T>, options?: ThrowOptions): MapResult<Awaited<R>>;
  /** With options that are not known before the program runs. */
  map<T, R>(fn: TaskFunction<[item: T], R>, items: Items<T>, options?: MapOptions): MapResult<Awaited<R> | PromiseSettledResult<Awaited<R>>>;

  /** As {@link map}, with each item the whole list of arguments: `fn(...item)`. */
  starmap<A extends unknown[], R>(fn: TaskFunction<A, R>, argLists: Items<Readonly<A>>, options: CollectOptions): MapResult<PromiseSettledResult<Awaited<R>>>;
  /** Without `onError: "collect"`: the values alone. */
  starmap<A extends unknown[], R>(fn: TaskFunction<A, R>, argLists: Items<Readonly<A>>, options?: ThrowOptions): MapResult<Awaited<R>>;
  /** With options that are not known before the program runs. */
  starmap<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    argLists: Items<Readonly<A>>,
    options?: MapOptions,
  ): MapResult<Awaited<R> | PromiseSettledResult<Awaited<R>>>;

  /** The same executor with these options for every task: `pool.with({ timeout: 500 }).submit(f, x)`. Options given before stay unless given again. */
  with(options: TaskOptions): TaskSubmitter;
}

/** Runs functions on one rung, and owns whatever runs them. */
export interface Executor extends TaskSubmitter, AsyncDisposable {
  /** The rung: `"serial"`, `"async"`, `"threads"`, `"processes"`, or another's name. */
  readonly kind: string;
  /** How many tasks can be in progress at once. */
  readonly maxWorkers: number;
  /** Counts of workers and tasks, as of now. */
  stats(): ExecutorStats;
  /** Takes no new tasks and waits until all others are done (`cancelPending`: until the running ones are). Idempotent. */
  shutdown(options?: ShutdownOptions): Promise<void>;
  /** Stops running work now; what is not done fails with `ExecutorShutdownError`. Idempotent. */
  terminate(): Promise<void>;
  /** What `await using` calls: `shutdown()`; with the option `onDispose: "cancel"`, `shutdown({ cancelPending: true })`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What `shutdown` takes. */
export interface ShutdownOptions {
  /** `true`: tasks that have not started are cancelled. Default `false`: they still run. */
  readonly cancelPending?: boolean | undefined;
}

/** A snapshot of an executor. Counts of tasks are since its construction. */
export interface ExecutorStats {
  /** The executor's rung. */
  readonly kind: string;
  /** `open` takes tasks, `closing` finishes those that it has, `closed` has none, `broken` cannot run any. */
  readonly state: "open" | "closing" | "closed" | "broken";
  /** Workers alive: starting, idle and busy. */
  readonly workers: number;
  /** Workers without a task. */
  readonly idleWorkers: number;
  /** Tasks that wait. */
  readonly queued: number;
  /** Tasks that run. */
  readonly running: number;
  /** Tasks that gave a result. */
  readonly completed: number;
  /** Tasks that gave an error. */
  readonly failed: number;
  /** Tasks that were cancelled or aborted. */
  readonly cancelled: number;
  /** Workers started in all, replacements included. */
  readonly workersStarted: number;
  /** Workers that ended without being asked to. */
  readonly workersLost: number;
  /** Threads left behind inside a native call that could not be stopped. */
  readonly abandonedWorkers: number;
  /** How workers are reached. */
  readonly transport: TransportStats;
}

/** How an executor and its workers reach each other. Asking a pool of processes loads the optional package `koffi`, if it is there. */
export interface TransportStats {
  /**
   * What carries tasks and their outcomes: `call` in the caller's own thread, `port` between threads, with small messages in
   * memory that they share, `socket` between processes, with small messages in shared memory if the large values below are in
   * `shared memory`: with `spin` from the start, otherwise once a worker has had very many tasks.
   */
  readonly kind: "call" | "port" | "socket";
  /**
   * What carries large values. `reference`: nothing is carried, they are used where they are. `copy`: each is copied, or moved
   * on request. `shared memory`: memory that processes share. `shared file`: the same without the optional package `koffi`,
   * half as fast. `socket`: as all else.
   */
  readonly largeValues: "reference" | "copy" | "shared memory" | "shared file" | "socket";
  /** Of processes: why large values do not cross in shared memory. */
  readonly reason?: string;
}

/**
 * The results of a `map`: await it for an array, or iterate it as they come. One of the two; iterate only once, as
 * results are not kept.
 *
 * Nothing is started by either: work starts with the call of `map`. Iterating holds the input back: no more than
 * `bufferSize` items are read and not yet taken. Leaving the loop cancels what has not started, aborts the signal of
 * what runs and closes the input.
 */
export interface MapResult<T> extends Promise<T[]>, AsyncIterable<T> {
  /** The results as an async iterator that is not thenable, so that an async function can return it. */
  stream(): AsyncIterableIterator<T>;
}

/**
 * What combinators need of a rung, beside futures: a function made ready once for many items.
 * Not public; every executor implements it.
 */
export interface TaskSource {
  readonly maxWorkers: number;
  /** Packs `fn` as it is now. Never throws for what cannot cross: each item's future then fails with it. */
  prepare(fn: TaskFunction<never[], unknown>, options: PrepareOptions): PreparedTask;
}

/** What `prepare` takes: options for every task, read once. */
export interface PrepareOptions {
  readonly task: TaskOptions;
  /** Tasks that travel together; `undefined` lets the rung decide. */
  readonly chunkSize: number | undefined;
}

/** A function that is ready to run many times. */
export interface PreparedTask {
  /** The array is given away: its caller does not use it again. */
  submit(args: unknown[]): Future<unknown>;
  /** The same for a map. `ended` is called once it has ended, unless it had when this returns. */
  start(args: unknown[], position: number, ended: ItemListener): MapItem;
  /** How many tasks of this function it takes now to keep every worker busy and to fill batches. Changes as tasks are timed. */
  suggestedReadAhead(): number;
  /**
   * Gives up these of its tasks: each ends with `reason`, the last first. Those that have not started never run; those that
   * run see their signal abort, and are stopped if they do not return. One call for many: a signal in the options of
   * each task would have a listener for each.
   */
  abort(tasks: readonly (Future<unknown> | MapItem)[], reason: unknown): void;
  /** Nothing more will be submitted: what was kept for it may go. */
  release(): void;
}
