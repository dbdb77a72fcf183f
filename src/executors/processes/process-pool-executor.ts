// The process rung: tasks in parallel on processes of their own.

import { checkPoolOptions } from "../../contract/executor-option-checks.ts";
import type { PoolOptions } from "../../contract/options.ts";
import { defaultMaxWorkers } from "../pooled/available-cores.ts";
import type { PoolOpening } from "../pooled/deferred-pool.ts";
import { hostOptions } from "../pooled/host-options.ts";
import { PooledExecutor } from "../pooled/pooled-executor.ts";
import { beginProcess, type BegunProcess } from "./begin-process.ts";
import { openProcessPool } from "./open-process-pool.ts";

/**
 * Runs tasks in parallel on processes of their own: for work that computes and must not share a process, as it may
 * crash, leak, change the working directory or hang in native code.
 *
 * Functions, arguments, captured variables and results are copied; nothing is shared. Processes start with the first
 * tasks and leave when idle. A task that is aborted or out of time sees its signal abort; if it does not return, its
 * process is killed and replaced, whatever it does. If a process dies, the task that it ran fails with
 * `WorkerLostError`, and no other.
 *
 * @example
 * ```ts
 * await using executor = new ProcessPoolExecutor({ maxWorkers: 2 });
 * const results = await executor.map(gcd, pairs);
 * ```
 *
 * @throws {TypeError | RangeError} If an option is unknown or not what it must be.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- an initializer of any arguments, where nobody names them.
export class ProcessPoolExecutor<I extends unknown[] = any> extends PooledExecutor {
  constructor(options?: PoolOptions<I>) {
    const checked = checkPoolOptions(options, "Cannot create the ProcessPoolExecutor", defaultMaxWorkers);
    // What it takes to share memory with a process takes each worker some milliseconds to load: only for those who ask for it.
    const asksToSpin = checked.spin !== undefined;
    const host = { ...hostOptions("processes", checked), ...(asksToSpin ? {} : { spin: undefined }) };
    const opening: PoolOpening<BegunProcess> = {
      kind: "processes",
      maxWorkers: checked.maxWorkers,
      isUrgent: checked.initializer !== undefined,
      begin: () => beginProcess(host),
      open: (begun) => openProcessPool(checked, host, begun),
    };
    super(opening, checked.onDispose);
  }
}
