// The thread rung: tasks in parallel on worker threads of this process.

import { checkPoolOptions } from "../../contract/executor-option-checks.ts";
import type { PoolOptions } from "../../contract/options.ts";
import { defaultMaxWorkers } from "../pooled/available-cores.ts";
import type { PoolOpening } from "../pooled/deferred-pool.ts";
import { hostOptions } from "../pooled/host-options.ts";
import { PooledExecutor } from "../pooled/pooled-executor.ts";
import { beginThread, type BegunThread } from "./begin-thread.ts";
import { openThreadPool } from "./open-thread-pool.ts";

/**
 * Runs tasks in parallel on threads of this process: for work that computes.
 *
 * Each thread has its own JavaScript heap: functions, arguments, captured variables and results are copied, except
 * `SharedArrayBuffer`s, which both sides then see, and what `transfer` moves. Threads start with the first tasks and
 * leave when idle. A task that is aborted or out of time sees its signal abort; if it does not return, its thread is
 * ended and replaced, and if even that is impossible (a native call), the thread is abandoned and its future settles
 * all the same. If a thread dies, the task that it ran fails with `WorkerLostError`, and no other.
 *
 * @example
 * ```ts
 * await using executor = new ThreadPoolExecutor({ maxWorkers: 2 });
 * const results = await executor.map(gcd, pairs);
 * ```
 *
 * @throws {TypeError | RangeError} If an option is unknown or not what it must be.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- an initializer of any arguments, where nobody names them.
export class ThreadPoolExecutor<I extends unknown[] = any> extends PooledExecutor {
  constructor(options?: PoolOptions<I>) {
    const checked = checkPoolOptions(options, "Cannot create the ThreadPoolExecutor", defaultMaxWorkers);
    const host = hostOptions("threads", checked);
    const opening: PoolOpening<BegunThread> = {
      kind: "threads",
      maxWorkers: checked.maxWorkers,
      isUrgent: checked.initializer !== undefined,
      begin: () => beginThread(0, host),
      open: (begun) => openThreadPool(checked, host, begun),
    };
    super(opening, checked.onDispose);
  }
}
