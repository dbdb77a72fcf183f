// One function on one thread of its own.

import { singleWorkerOptions } from "../../contract/executor-option-checks.ts";
import type { TaskFunction } from "../../contract/executor.ts";
import type { SingleWorkerOptions } from "../../contract/options.ts";
import { SingleWorker } from "../pooled/single-worker.ts";
import { startThread } from "./start-thread.ts";

let threads = 0;

/**
 * Runs one function on one thread of its own, as Python's `threading.Thread` does.
 *
 * The thread starts with `start()` and ends with the function. Function, arguments, captured variables and result cross as
 * with `submit`: they are copied, except `SharedArrayBuffer`s, which both sides then see, and what `transfer` moves. For
 * many calls take a `ThreadPoolExecutor`: starting a thread takes tens of milliseconds.
 *
 * @example
 * ```ts
 * const thread = new Thread(gcd, [[12, 18]]).start();
 * await thread.join();
 * thread.exitCode; // 0
 * await thread.result; // 6
 * ```
 *
 * @param fn What to run. It is called without `this`.
 * @param args Its arguments; not needed for a function that takes none.
 * @param options `name`, `daemon`, `transfer`, and `env`, `execArgv`, `resourceLimits`, `maxCaptureSize`, `stdout`,
 *   `stderr` as `ThreadPoolExecutor` takes them.
 * @throws {TypeError | RangeError} If `fn` is not a function, or an option is unknown or not what it must be.
 */
export class Thread<R = unknown, A extends unknown[] = unknown[]> extends SingleWorker<R> {
  constructor(fn: TaskFunction<[], R>, args?: readonly [], options?: SingleWorkerOptions);
  constructor(fn: TaskFunction<A, R>, args: readonly [...A], options?: SingleWorkerOptions);
  constructor(fn: TaskFunction<A, R>, args: readonly unknown[] = [], options?: SingleWorkerOptions) {
    const checked = singleWorkerOptions.check(options, "Cannot create the thread");
    super({
      kind: "thread",
      name: checked.name ?? `Thread-${(threads += 1)}`,
      fn,
      args,
      options: checked,
      start: startThread,
      codeWhenEnded: () => 1,
    });
  }

  /** The thread's id, as `worker_threads.threadId` is in it. `undefined` before `start()`. */
  get threadId(): number | undefined {
    return this.info?.threadId;
  }

  /**
   * Ends the thread now, whatever it does, and resolves when it is gone; a thread inside a native call is given up after a
   * moment, and ends when that call returns. What it holds is not released: a `Lock` then is abandoned.
   *
   * @throws {InvalidStateError} If it has not been started.
   */
  terminate(): Promise<void> {
    return this.endBy("terminate", (handle) => handle.kill());
  }

  /** The same as {@link terminate}: a thread gets no signals. */
  kill(): Promise<void> {
    return this.endBy("kill", (handle) => handle.kill());
  }
}
