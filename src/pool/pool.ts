// Carries out what policy decides on real workers, and tells policy what happened. Every rung's executor owns one.

import type { ExecutorStats, PreparedTask, PrepareOptions, ShutdownOptions, TaskSource } from "../contract/executor.ts";
import { ExecutorShutdownError } from "../contract/errors.ts";
import { Future, settler } from "../contract/future.ts";
import type { TaskOptions } from "../contract/options.ts";
import type { PoolSettings } from "./pool-settings.ts";

export type { PoolSettings } from "./pool-settings.ts";

/** Any function that a task may run. */
export type AnyTaskFunction = (...args: never[]) => unknown;

/** Workers of one host, the tasks that wait for them, and the futures of those tasks. */
export class Pool implements TaskSource {
  readonly #settings: PoolSettings;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  get maxWorkers(): number {
    return this.#settings.maxWorkers;
  }

  submit(_fn: AnyTaskFunction, _args: readonly unknown[], _options: TaskOptions): Future<unknown> {
    const future = new Future<unknown>();
    settler.fail(future, new ExecutorShutdownError("Cannot submit the task as the pool cannot run anything yet"));
    return future;
  }

  prepare(fn: AnyTaskFunction, options: PrepareOptions): PreparedTask {
    return {
      submit: (args) => this.submit(fn, args, options.task),
      suggestedReadAhead: () => this.#settings.maxWorkers,
      abort(futures, reason) {
        for (const future of futures) settler.cancel(future, reason);
      },
      release() {},
    };
  }

  stats(): ExecutorStats {
    return {
      kind: this.#settings.kind,
      state: "open",
      workers: 0,
      idleWorkers: 0,
      queued: 0,
      running: 0,
      completed: 0,
      failed: 0,
      cancelled: 0,
      workersStarted: 0,
      workersLost: 0,
      abandonedWorkers: 0,
    };
  }

  async shutdown(_options?: ShutdownOptions): Promise<void> {}

  async terminate(): Promise<void> {}
}
