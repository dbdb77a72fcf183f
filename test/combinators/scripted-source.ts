// A TaskSource whose tasks start and end when the test says so: every race of a combinator is a few plain lines.

import type { PreparedTask, PrepareOptions, TaskFunction, TaskSource } from "#dure/contract/executor.js";
import { Future, settler } from "#dure/contract/future.js";

/** One submitted item, in the hands of the test. */
export interface ScriptedTask {
  readonly args: readonly unknown[];
  readonly future: Future<unknown>;
  start(): void;
  finish(value?: unknown): void;
  fail(error: unknown): void;
}

export class ScriptedSource implements TaskSource {
  readonly maxWorkers = 2;
  readonly tasks: ScriptedTask[] = [];
  readonly prepared: PrepareOptions[] = [];
  /** Futures that were given up while they ran. */
  readonly signalled: Future<unknown>[] = [];
  readAhead = 4;
  released = 0;
  /** Called for each new task: settles it at once, if the test wants that. */
  onSubmit: (task: ScriptedTask) => void = () => {};

  prepare(_fn: TaskFunction<never[], unknown>, options: PrepareOptions): PreparedTask {
    this.prepared.push(options);
    return {
      submit: (args) => this.#submit(args),
      abort: (futures, reason) => {
        for (const future of futures) {
          if (future.running()) this.signalled.push(future);
          settler.cancel(future, reason);
        }
      },
      suggestedReadAhead: () => this.readAhead,
      release: () => {
        this.released += 1;
      },
    };
  }

  /** What was read so far, first arguments only. */
  get items(): unknown[] {
    return this.tasks.map((task) => task.args[0]);
  }

  #submit(args: readonly unknown[]): Future<unknown> {
    const future = new Future<unknown>({ withdraw: () => true });
    const task: ScriptedTask = {
      args,
      future,
      start: () => void settler.running(future),
      finish: (value = args[0]) => void settler.fulfil(future, value),
      fail: (error) => void settler.fail(future, error),
    };
    this.tasks.push(task);
    this.onSubmit(task);
    return future;
  }
}
