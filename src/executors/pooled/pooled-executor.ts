// An executor whose work is all done by a pool. A rung extends it with the pool that it opens, and nothing else.

import { ofType, optionChecker } from "../../contract/check-options.ts";
import type { Executor, ExecutorStats, PreparedTask, PrepareOptions, ShutdownOptions, TaskFunction, TaskSource } from "../../contract/executor.ts";
import type { OnDispose } from "../../contract/options.ts";
import { DeferredPool, type PoolOpening } from "./deferred-pool.ts";
import { PoolSubmitter } from "./pool-submitter.ts";

const shutdownOptions = optionChecker<ShutdownOptions>({ cancelPending: ofType("boolean") });

export abstract class PooledExecutor extends PoolSubmitter implements Executor, TaskSource {
  readonly kind: string;
  readonly #pool: DeferredPool;
  readonly #onDispose: OnDispose;

  /** Starts nothing: workers come with the first task. */
  constructor(opening: PoolOpening<unknown>, onDispose: OnDispose | undefined) {
    const pool = new DeferredPool(opening);
    super(pool, {});
    this.kind = pool.kind;
    this.#pool = pool;
    this.#onDispose = onDispose ?? "drain";
  }

  get maxWorkers(): number {
    return this.#pool.maxWorkers;
  }

  stats(): ExecutorStats {
    return this.#pool.opened.stats();
  }

  /** @internal For combinators. */
  prepare(fn: TaskFunction<never[], unknown>, options: PrepareOptions): PreparedTask {
    return this.#pool.prepare(fn, options);
  }

  shutdown(options?: ShutdownOptions): Promise<void> {
    return this.#pool.opened.shutdown(shutdownOptions.check(options, "Cannot shut the executor down"));
  }

  terminate(): Promise<void> {
    return this.#pool.opened.terminate();
  }

  /** What `await using` calls: `shutdown()`; with the option `onDispose: "cancel"`, what has not started is cancelled. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool.opened.shutdown({ cancelPending: this.#onDispose === "cancel" });
  }
}
