// How `currentTask()` finds the task that runs. A worker of its own runs one task at a time, so a variable will do;
// tasks in the caller's thread interleave with each other and with the caller, so they need an async context.

import { AsyncLocalStorage } from "node:async_hooks";
import { provideCurrentTask } from "../contract/task-context.ts";
import type { RunningTask } from "./running-task.ts";

type AnyFunction = (...args: never[]) => unknown;

/** Calls a task's function so that `currentTask()` answers with the task in it. */
export interface TaskScope {
  call(task: RunningTask, fn: AnyFunction, args: unknown[]): unknown;
  /** The task is over. */
  leave(): void;
}

/** For a worker that is alone in its thread. */
export class ThreadTaskScope implements TaskScope {
  #current: RunningTask | undefined;

  constructor() {
    provideCurrentTask((previous) => () => this.#current ?? previous());
  }

  call(task: RunningTask, fn: AnyFunction, args: unknown[]): unknown {
    this.#current = task;
    return Reflect.apply(fn, undefined, args);
  }

  leave(): void {
    this.#current = undefined;
  }
}

/** For workers that share their thread with others. Once used, promises cost more on Node 20 and 22: hence not in real workers. */
export class AsyncTaskScope implements TaskScope {
  readonly #storage = new AsyncLocalStorage<RunningTask>();

  constructor() {
    provideCurrentTask((previous) => () => this.#running() ?? previous());
  }

  call(task: RunningTask, fn: AnyFunction, args: unknown[]): unknown {
    return this.#storage.run(task, () => Reflect.apply(fn, undefined, args));
  }

  leave(): void {}

  #running(): RunningTask | undefined {
    return this.#storage.getStore();
  }
}
