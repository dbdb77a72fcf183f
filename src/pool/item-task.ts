// An item of a map as a task: nothing is wanted of it but how it ends.

import { CancelledError } from "../contract/errors.ts";
import type { ItemListener, MapItem } from "../contract/map-item.ts";
import type { Packed } from "../codec/crossing.ts";
import { PoolTask, type TaskOrder } from "./pool-task.ts";
import type { SentFunction } from "./sent-function.ts";

export class ItemTask extends PoolTask implements MapItem {
  readonly position: number;
  state: MapItem["state"] = "pending";
  outcome: unknown = undefined;
  #ended: ItemListener | undefined = undefined;

  constructor(order: TaskOrder, fn: SentFunction, args: Packed, position: number) {
    super(order, fn, args);
    this.position = position;
  }

  /** From now on: what has ended by then is for the caller to see. */
  onEnded(ended: ItemListener): void {
    if (this.state === "pending") this.#ended = ended;
  }

  forget(): void {
    this.#ended = undefined;
  }

  noteRunning(): void {}

  notePending(): void {}

  noteProgress(): void {}

  observe(): void {}

  override get isWatched(): boolean {
    return this.#ended !== undefined;
  }

  fulfil(value: unknown): boolean {
    return this.#end("done", value);
  }

  fail(error: unknown): boolean {
    return this.#end("failed", error);
  }

  cancel(reason: unknown): boolean {
    return this.#end("cancelled", reason === undefined ? new CancelledError() : reason);
  }

  #end(state: "done" | "failed" | "cancelled", outcome: unknown): boolean {
    if (this.state !== "pending") return false;
    this.state = state;
    this.outcome = outcome;
    const ended = this.#ended;
    this.#ended = undefined;
    ended?.(this);
    return true;
  }
}
