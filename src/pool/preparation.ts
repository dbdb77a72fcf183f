// A function that was packed once for many tasks, as `map` uses it.

import type { PreparedTask } from "../contract/executor.ts";
import { settler, type Future } from "../contract/future.ts";
import type { MapItem } from "../contract/map-item.ts";
import { readAhead } from "../policy/batching.ts";
import type { RunTime } from "../policy/run-times.ts";
import type { PoolEngine } from "./pool-engine.ts";
import { PoolTask } from "./pool-task.ts";
import type { SentFunction } from "./sent-function.ts";

/** The two ways in which a task begins. */
export type Starts = Pick<PreparedTask, "submit" | "start">;

export class Preparation implements PreparedTask {
  readonly submit: PreparedTask["submit"];
  readonly start: PreparedTask["start"];
  readonly #engine: PoolEngine;
  readonly #runTime: RunTime | undefined;
  #sent: SentFunction | undefined;

  /** `sent`: used once for this; undefined if the function cannot cross. */
  constructor(sent: SentFunction | undefined, { submit, start }: Starts, engine: PoolEngine) {
    this.#sent = sent;
    this.#runTime = sent?.runTime;
    this.submit = submit;
    this.start = start;
    this.#engine = engine;
  }

  suggestedReadAhead(): number {
    return readAhead(this.#engine.policy.state, this.#runTime?.mean);
  }

  abort(tasks: readonly (Future<unknown> | MapItem)[], reason: unknown): void {
    // The last first: a worker that is told to stop its task begins the next one, unless that has been taken back by then.
    for (let at = tasks.length - 1; at >= 0; at -= 1) {
      const task = taskOf(tasks[at] as Future<unknown> | MapItem);
      if (task instanceof PoolTask) this.#engine.abort(task, reason);
    }
  }

  release(): void {
    this.#sent?.drop();
    this.#sent = undefined;
  }
}

function taskOf(handle: Future<unknown> | MapItem): object | undefined {
  return handle instanceof PoolTask ? handle : settler.ownerOf(handle as Future<unknown>);
}
