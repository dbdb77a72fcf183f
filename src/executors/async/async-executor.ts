// The event-loop rung: many async tasks in progress at once in the caller's own thread.

import { asyncOptions } from "../../contract/executor-option-checks.ts";
import type { AsyncExecutorOptions } from "../../contract/options.ts";
import { openLocalPool } from "../pooled/open-local-pool.ts";
import { PooledExecutor } from "../pooled/pooled-executor.ts";

/** Tasks in progress at once, if nobody says. Smaller: requests wait without need. Larger: servers and file tables run out. */
const DEFAULT_CONCURRENCY = 64;

/**
 * Runs async tasks on the event loop of the caller's own thread, up to `maxConcurrency` in progress at once.
 *
 * For tasks that wait: requests, files, databases. Tasks that compute gain nothing, as one thread runs them all. A task
 * sees the caller's own values, nothing is copied and nothing moves (with `isolate: true` everything is copied as on
 * the other rungs).
 *
 * @example
 * ```ts
 * await using executor = new AsyncExecutor({ maxConcurrency: 10 });
 * const pages = await executor.map(fetchPage, urls);
 * ```
 *
 * @throws {TypeError | RangeError} If an option is unknown or not what it must be.
 */
export class AsyncExecutor extends PooledExecutor {
  constructor(options?: AsyncExecutorOptions) {
    const checked = asyncOptions.check(options, "Cannot create the AsyncExecutor");
    const maxWorkers = checked.maxConcurrency ?? DEFAULT_CONCURRENCY;
    super({ kind: "async", maxWorkers, open: () => openLocalPool("async", maxWorkers, checked) }, checked.onDispose);
  }
}
