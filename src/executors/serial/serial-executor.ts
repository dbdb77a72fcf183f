// The serial rung: one task after another in the caller's own thread. The line that all others are measured against.

import { serialOptions } from "../../contract/executor-option-checks.ts";
import type { SerialExecutorOptions } from "../../contract/options.ts";
import { openLocalPool } from "../pooled/open-local-pool.ts";
import { PooledExecutor } from "../pooled/pooled-executor.ts";

/**
 * Runs tasks one after another in the caller's own thread, in the order submitted.
 *
 * For tests, for debugging and as the baseline of a comparison: a task sees the caller's own values, nothing is
 * copied and nothing moves (with `isolate: true` everything is copied as on the other rungs). A task starts in a
 * microtask, never inside `submit`. An async task is awaited before the next starts, unless it waits for a task that
 * it has submitted itself. A synchronous task cannot be interrupted: an abort or a time limit is seen when it returns.
 *
 * @example
 * ```ts
 * await using executor = new SerialExecutor();
 * await executor.map(gcd, pairs);
 * ```
 *
 * @throws {TypeError | RangeError} If an option is unknown or not what it must be.
 */
export class SerialExecutor extends PooledExecutor {
  constructor(options?: SerialExecutorOptions) {
    const checked = serialOptions.check(options, "Cannot create the SerialExecutor");
    super({ kind: "serial", maxWorkers: 1, open: () => openLocalPool("serial", 1, checked) }, checked.onDispose);
  }
}
