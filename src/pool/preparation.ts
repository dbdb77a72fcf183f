// A function that was packed once for many tasks, as `map` uses it.

import type { PreparedTask } from "../contract/executor.ts";
import type { Future } from "../contract/future.ts";
import { readAhead } from "../policy/batching.ts";
import type { PoolEngine } from "./pool-engine.ts";
import { PoolTask } from "./pool-task.ts";
import type { SentFunction } from "./sent-function.ts";

export class Preparation implements PreparedTask {
  readonly submit: (args: unknown[]) => Future<unknown>;
  readonly #engine: PoolEngine;
  readonly #key: string | number | object | undefined;
  #sent: SentFunction | undefined;

  /** `sent`: used once for this; undefined if the function cannot cross. */
  constructor(sent: SentFunction | undefined, submit: (args: unknown[]) => Future<unknown>, engine: PoolEngine) {
    this.#sent = sent;
    this.#key = sent?.packed.key;
    this.submit = submit;
    this.#engine = engine;
  }

  suggestedReadAhead(): number {
    const { policy } = this.#engine;
    return readAhead(policy.state, this.#key === undefined ? undefined : policy.runTimeOf(this.#key).mean);
  }

  abort(futures: readonly Future<unknown>[], reason: unknown): void {
    if (futures.length === 0) return;
    const wanted = new Set(futures);
    // The last first: a worker that is told to stop its task begins the next one, unless that has been taken back by then.
    for (const task of [...this.#engine.policy.liveTasks()].reverse()) {
      if (task instanceof PoolTask && wanted.has(task.future)) this.#engine.abort(task, reason);
    }
  }

  release(): void {
    this.#sent?.drop();
    this.#sent = undefined;
  }
}
