// A TaskSource whose tasks start and end when the test says so: every race of a combinator is a few plain lines.

import type { PreparedTask, PrepareOptions, TaskFunction, TaskSource } from "#dure/contract/executor.js";
import type { ItemListener, MapItem } from "#dure/contract/map-item.js";

/** One item, in the hands of the test. */
export class ScriptedItem implements MapItem {
  readonly args: readonly unknown[];
  readonly position: number;
  state: MapItem["state"] = "pending";
  outcome: unknown = undefined;
  isRunning = false;
  /** Unset while `start` is on the stack, and once it is not wanted. */
  listener: ItemListener | undefined;

  constructor(args: readonly unknown[], position: number) {
    this.args = args;
    this.position = position;
  }

  start(): void {
    this.isRunning = true;
  }

  finish(value: unknown = this.args[0]): void {
    this.#end("done", value);
  }

  fail(error: unknown): void {
    this.#end("failed", error);
  }

  cancel(reason: unknown): void {
    this.#end("cancelled", reason);
  }

  forget(): void {
    this.listener = undefined;
  }

  #end(state: "done" | "failed" | "cancelled", outcome: unknown): void {
    if (this.state !== "pending") return;
    this.state = state;
    this.outcome = outcome;
    this.listener?.(this);
  }
}

export class ScriptedSource implements TaskSource {
  readonly maxWorkers = 2;
  readonly tasks: ScriptedItem[] = [];
  readonly prepared: PrepareOptions[] = [];
  /** What was given up, in this order, and what of it was running. */
  readonly aborted: ScriptedItem[] = [];
  readonly signalled: ScriptedItem[] = [];
  readAhead = 4;
  released = 0;
  /** Called for each new task: ends it at once, if the test wants that. */
  onSubmit: (task: ScriptedItem) => void = () => {};

  prepare(_fn: TaskFunction<never[], unknown>, options: PrepareOptions): PreparedTask {
    this.prepared.push(options);
    return {
      submit: () => {
        throw new Error("A map starts items");
      },
      start: (args, position, ended) => this.#start(args, position, ended),
      abort: (items, reason) => {
        for (const item of items) this.#abort(item as ScriptedItem, reason);
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

  #start(args: readonly unknown[], position: number, ended: ItemListener): ScriptedItem {
    const item = new ScriptedItem(args, position);
    this.tasks.push(item);
    this.onSubmit(item);
    item.listener = ended;
    return item;
  }

  #abort(item: ScriptedItem, reason: unknown): void {
    this.aborted.push(item);
    if (item.isRunning) this.signalled.push(item);
    item.cancel(reason);
  }
}
