// One function in one process of its own.

import { constants } from "node:os";
import { singleWorkerOptions } from "../../contract/executor-option-checks.ts";
import type { TaskFunction } from "../../contract/executor.ts";
import type { SingleWorkerOptions } from "../../contract/options.ts";
import type { WorkerExit } from "../../transport/worker-host.ts";
import { SingleWorker } from "../pooled/single-worker.ts";
import { startProcess } from "./start-process.ts";

let processes = 0;

/**
 * Runs one function in one process of its own, as Python's `multiprocessing.Process` does.
 *
 * The process starts with `start()` and ends with the function. Function, arguments, captured variables and result cross as
 * with `submit`: they are copied, nothing is shared. For many calls take a `ProcessPoolExecutor`: starting a process
 * takes tens of milliseconds.
 *
 * @example
 * ```ts
 * const child = new Process(gcd, [[12, 18]]).start();
 * await child.join();
 * child.exitCode; // 0
 * await child.result; // 6
 * ```
 *
 * @param fn What to run. It is called without `this`.
 * @param args Its arguments; not needed for a function that takes none.
 * @param options `name`, `daemon`, `transfer`, and `env`, `execArgv`, `resourceLimits`, `maxCaptureSize`, `stdout`,
 *   `stderr` as `ProcessPoolExecutor` takes them.
 * @throws {TypeError | RangeError} If `fn` is not a function, or an option is unknown or not what it must be.
 */
export class Process<R = unknown, A extends unknown[] = unknown[]> extends SingleWorker<R> {
  constructor(fn: TaskFunction<[], R>, args?: readonly [], options?: SingleWorkerOptions);
  constructor(fn: TaskFunction<A, R>, args: readonly [...A], options?: SingleWorkerOptions);
  constructor(fn: TaskFunction<A, R>, args: readonly unknown[] = [], options?: SingleWorkerOptions) {
    const checked = singleWorkerOptions.check(options, "Cannot create the process");
    super({
      kind: "process",
      name: checked.name ?? `Process-${(processes += 1)}`,
      fn,
      args,
      options: checked,
      start: startProcess,
      codeWhenEnded,
    });
  }

  /** The process's id. `undefined` before `start()`. */
  get pid(): number | undefined {
    return this.info?.pid;
  }

  /**
   * Asks the process to end with `SIGTERM`, which a handler of its own may refuse, and resolves when it is gone. On Windows
   * it cannot refuse.
   *
   * @throws {InvalidStateError} If it has not been started.
   */
  terminate(): Promise<void> {
    return this.endBy("terminate", ({ info }) => info.pid !== undefined && sendTerminate(info.pid));
  }

  /**
   * Ends the process and its descendants now, whatever they do, and resolves when it is gone.
   *
   * @throws {InvalidStateError} If it has not been started.
   */
  kill(): Promise<void> {
    return this.endBy("kill", (handle) => handle.kill());
  }
}

function sendTerminate(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has ended by itself in the meantime; that is on its way to us.
  }
}

function codeWhenEnded({ signal, exitCode }: WorkerExit): number {
  if (signal !== null) return -(constants.signals[signal as NodeJS.Signals] ?? 1);
  return exitCode ?? 1;
}
