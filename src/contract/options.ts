// Every option that an executor, a task or a map takes, with its unit, range and default. Types only: each is
// checked where it is read (check-options.ts).

/** Pauses that grow from attempt to attempt, and are spread at random so that tasks which failed together do not come back together. */
export interface GrowingBackoff {
  /** Milliseconds before the first further attempt. 0 or more. */
  readonly initial: number;
  /** What each pause is multiplied by for the next. 1 or more. Default 2. */
  readonly factor?: number | undefined;
  /** Milliseconds that no pause exceeds. 0 or more. Default 30,000. */
  readonly maximum?: number | undefined;
  /** How much of each pause is random, from 0 to 1. Default 1: anything between none of it and all of it. */
  readonly jitter?: number | undefined;
}

/** How long to wait before the next attempt, in milliseconds. */
export type Backoff = number | GrowingBackoff | ((attempt: number, error: unknown) => number);

/** When and how often a failed task is tried again. */
export interface RetryOptions {
  /** Further attempts after the first. A whole number, 0 or more. */
  readonly limit: number;
  /**
   * Milliseconds before each further attempt, or {@link GrowingBackoff | pauses that grow}, or a function of the attempt
   * that failed (1, 2, ...) and its error; `Infinity` for no further attempt. Default 0.
   */
  readonly backoff?: Backoff;
  /** Whether this error is worth another attempt. Default: every error is. Runs in the caller's thread. */
  readonly on?: (error: unknown) => boolean;
}

/** What a single task may be given. */
export interface TaskOptions {
  /** Aborts the task: a pending one never runs, a running one sees its own signal abort. The future rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds that one attempt may run, counted from its start. Loading the task's module in its worker comes before;
   * `deadline` also ends one that never loads. Above 0. Default: no limit.
   */
  readonly timeout?: number | undefined;
  /** Milliseconds that the task may wait before it starts, counted from `submit`. Above 0. Default: no limit. */
  readonly queueTimeout?: number | undefined;
  /** Milliseconds for waiting and running together, counted from the call of `submit` or `map`. Above 0. Default: no limit. */
  readonly deadline?: number | undefined;
  /** Further attempts after a failure. Default 0. */
  readonly retries?: number | RetryOptions | undefined;
  /** Higher runs first; equal ones in the order submitted. Any finite number. Default 0. */
  readonly priority?: number | undefined;
  /** Buffers and ports among the arguments that are moved instead of copied; they are unusable here afterwards. */
  readonly transfer?: readonly object[] | undefined;
  /** A name for errors and statistics. Default: the function's name. */
  readonly label?: string | undefined;
}

/** What a `map` may be given: its own options, and every {@link TaskOptions} field for each item. */
export interface MapOptions extends TaskOptions {
  /** Items that travel together. Never changes a result, a failure's reach or a timeout. Whole, 1 or more. Default: from measured task time. */
  readonly chunkSize?: number | undefined;
  /** Items read from the input and not yet handed out, at most; of short tasks several are read at once. Whole, 1 or more. Default: enough to keep every worker busy. */
  readonly bufferSize?: number | undefined;
  /** `true`: results in input order. `false`: as they finish. Default `true`. */
  readonly ordered?: boolean | undefined;
  /** `"throw"`: the first failure rejects at its position and the rest is cancelled. `"collect"`: every outcome, as `Promise.allSettled` gives it. Default `"throw"`. */
  readonly onError?: "throw" | "collect" | undefined;
}

/** What happens to pending work when an `await using` scope ends. */
export type OnDispose = "drain" | "cancel";

/** What a worker's output does: goes to the caller's own stream, or nowhere. */
export type WorkerOutput = "inherit" | "ignore";

/** Limits of V8 in one worker, in MiB. Threads: enforced by Node. Processes: passed as V8 flags. */
export interface ResourceLimits {
  /** The heap, but for what was made just now: what a program needs for its data. */
  readonly maxOldGenerationSizeMb?: number | undefined;
  /** The part of the heap where objects are made. */
  readonly maxYoungGenerationSizeMb?: number | undefined;
  /** Room for compiled code. */
  readonly codeRangeSizeMb?: number | undefined;
  /** The stack: how deep calls may go. */
  readonly stackSizeMb?: number | undefined;
}

/** What every executor takes. */
export interface ExecutorOptions {
  /** A name for errors, thread names and process titles. Default: the rung's name. */
  readonly name?: string | undefined;
  /** `"drain"`: an ending `await using` scope waits for pending work. `"cancel"`: it cancels what has not started. Default `"drain"`. */
  readonly onDispose?: OnDispose | undefined;
  /** Tasks that may wait at once; one more fails with `QueueFullError`. Whole, 1 or more. Default: no limit. */
  readonly maxQueue?: number | undefined;
}

/** What the rungs without workers take. */
export interface LocalExecutorOptions extends ExecutorOptions {
  /** `true`: arguments, captured variables and results are copied as on the other rungs, so that a test here behaves as there. Default `false`. */
  readonly isolate?: boolean | undefined;
  /** Bytes that the captured variables of one function may take when copied, with `isolate`. Above 0, or `Infinity`. Default 1 MiB. */
  readonly maxCaptureSize?: number | undefined;
}

/** What {@link SerialExecutor} takes. */
export interface SerialExecutorOptions extends LocalExecutorOptions {}

/** What {@link AsyncExecutor} takes. */
export interface AsyncExecutorOptions extends LocalExecutorOptions {
  /** Tasks in progress at once. Whole, 1 or more, or `Infinity`. Default 64. */
  readonly maxConcurrency?: number | undefined;
}

/** For how many milliseconds a pool and its workers look at shared memory before they wait for an event. Each 0 or more. */
export interface SpinOptions {
  /** A worker that has become idle. It uses a whole core meanwhile. Default 0.05 on threads if the machine has a core beside those of all workers and of the caller, else 0. */
  readonly worker?: number | undefined;
  /** The caller while it waits for a reply, from the last submit or reply on. This thread does nothing else meanwhile, but for microtasks and, every millisecond, a turn of the event loop. A task that finds a worker idle is then sent at once, so that `cancel()` is soon too late. Default 0. */
  readonly caller?: number | undefined;
}

/** What the rungs with workers take. */
// oxlint-disable-next-line typescript/no-explicit-any -- an initializer of any arguments, where nobody names them.
export interface PoolOptions<I extends unknown[] = any> extends ExecutorOptions {
  /** Workers at most. Whole, 1 or more. Default: the cores that this process may use, cgroup quota included; `DURE_MAX_WORKERS` overrides. Inside a worker: its share of these. */
  readonly maxWorkers?: number | undefined;
  /** Workers kept although idle. Whole, 0 to `maxWorkers`. Default 0. */
  readonly minWorkers?: number | undefined;
  /** Milliseconds after which an idle worker leaves. 0 or more, or `Infinity`. Default 30,000. */
  readonly idleTimeout?: number | undefined;
  /** Runs once in each worker before its first task; crosses as a task's function does. */
  readonly initializer?: ((this: void, ...args: I) => unknown) | undefined;
  /** Arguments of `initializer`. Default none. */
  readonly initargs?: I | undefined;
  /** Tasks after which a worker is replaced. Whole, 1 or more. Default: no limit. */
  readonly maxTasksPerWorker?: number | undefined;
  /** Bytes of memory after which a worker is replaced, looked at between tasks. Threads: heap. Processes: resident set. Default: no limit. */
  readonly maxMemoryPerWorker?: number | undefined;
  /** Milliseconds that a task that is running has to return once its signal has aborted; then its worker is replaced. Its future is settled at once, whatever this says. 0 or more, or `Infinity`: never. Default 100. */
  readonly abortGrace?: number | undefined;
  /** `"replace"`: a dead worker costs its running task only. `"break"`: it breaks the pool, as in Python. Default `"replace"`. */
  readonly onWorkerDeath?: "replace" | "break" | undefined;
  /** Environment variables of the workers, instead of this process's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Node options of the workers, instead of this process's. */
  readonly execArgv?: readonly string[] | undefined;
  /** Bytes that the captured variables of one function may take when copied, be it a task's or one that a task gives back; more is refused, as every task would carry it. Above 0, or `Infinity`. Default 1 MiB. */
  readonly maxCaptureSize?: number | undefined;
  /**
   * For how many milliseconds each side looks at shared memory for the next small message before it goes to sleep; a number
   * holds for both sides. 0 or more; about 1 is plenty. An awaited task then takes some microseconds instead of tens, and
   * each side that looks takes a core for as long. Where that does not pay it is left out for a while. Arguments and results
   * that are more than a few numbers, short strings and the like travel as ever. Processes need Linux and the optional
   * package `koffi` for it, and go without where there is none.
   */
  readonly spin?: number | SpinOptions | undefined;
  /** Memory limits of each worker. */
  readonly resourceLimits?: ResourceLimits | undefined;
  /** The workers' standard output; `"stderr"`: it goes to this process's standard error, so that its standard output stays clean. Default `"inherit"`. */
  readonly stdout?: WorkerOutput | "stderr" | undefined;
  /** The workers' standard error. Default `"inherit"`. */
  readonly stderr?: WorkerOutput | undefined;
}

/** What `Thread` and `Process` take. */
export interface SingleWorkerOptions
  extends Pick<PoolOptions, "name" | "env" | "execArgv" | "maxCaptureSize" | "resourceLimits" | "stdout" | "stderr">,
    Pick<TaskOptions, "transfer"> {
  /** `true`: the program may end while it still runs, and then ends it. Default `false`: it keeps the program alive. */
  readonly daemon?: boolean | undefined;
}

/** What `join` takes. */
export interface JoinOptions {
  /** Milliseconds to wait at most. 0 or more. Default: no limit. */
  readonly timeout?: number | undefined;
  /** Stops the wait, and nothing else: `join` rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** What `wait` takes. */
export interface WaitOptions {
  /** Milliseconds to wait at most. 0 or more. Default: no limit. */
  readonly timeout?: number | undefined;
  /** What ends the wait. Default `"ALL_COMPLETED"`. */
  readonly returnWhen?: "FIRST_COMPLETED" | "FIRST_EXCEPTION" | "ALL_COMPLETED" | undefined;
}

/** What `asCompleted` takes. */
export interface AsCompletedOptions {
  /** Milliseconds from the call until the last future must have ended. 0 or more. Default: no limit. */
  readonly timeout?: number | undefined;
}
