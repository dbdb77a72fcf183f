// What a measurement asks of a contender: the interface of the files in contenders/, one for each library.

import type { TaskName } from "./tasks.ts";

/** A library under test. Nothing of it is loaded before its file in contenders/ is imported. */
export interface Contender {
  /** A pool of exactly `workers` workers, with the library's defaults for everything else. */
  open(workers: number, kind: string, needs: Needs): ContenderPool | Promise<ContenderPool>;
}

/** What a measurement cannot do without, where the default is another. */
export interface Needs {
  /** Typed arrays arrive as such. Between processes some take JSON by default. */
  readonly binary: boolean;
}

/** What is missing is what the library does not have; the row says so. */
export interface ContenderPool {
  /** One task. `echoMoved` moves the buffer there and back. */
  run(task: TaskName, argument: unknown): Promise<unknown>;
  /** The library's own call for many items. */
  map?(task: TaskName, items: readonly number[]): Promise<readonly unknown[]>;
  /** A task that can be cancelled while it waits; its promise then rejects. */
  cancellable?(task: TaskName, argument: unknown): CancellableTask;
  /** `(x, y) => x + y` as a closure made for each pair, as a loop in a program makes them. */
  closure?(x: number, y: number): Promise<number>;
  /** What can cross beside copies. */
  readonly crosses: readonly ("moved" | "shared")[];
  close(): unknown;
}

export interface CancellableTask {
  readonly result: Promise<unknown>;
  cancel(): void;
}
