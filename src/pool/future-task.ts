// A task that was submitted: its future tells how it goes.

import type { Packed } from "../codec/crossing.ts";
import { Future, settler, type FutureOwner, type TaskProgress, type WorkerInfo } from "../contract/future.ts";
import { PoolTask, type TaskOrder } from "./pool-task.ts";
import type { SentFunction } from "./sent-function.ts";

export class FutureTask extends PoolTask implements FutureOwner {
  readonly future: Future<unknown>;

  constructor(order: TaskOrder, fn: SentFunction, args: Packed) {
    super(order, fn, args);
    this.future = new Future<unknown>(this);
  }

  /** Asked by `Future.cancel()`. */
  withdraw(): boolean {
    return this.fn?.owner.withdraw(this) ?? false;
  }

  noteRunning(worker: WorkerInfo | undefined, at?: number): void {
    settler.running(this.future, worker, at);
  }

  notePending(): void {
    settler.pending(this.future, this.attempts);
  }

  noteProgress(progress: TaskProgress): void {
    settler.progress(this.future, progress);
  }

  fulfil(value: unknown, at: number): boolean {
    return settler.fulfil(this.future, value, at);
  }

  fail(error: unknown, at: number): boolean {
    return settler.fail(this.future, error, at);
  }

  cancel(reason: unknown): boolean {
    return settler.cancel(this.future, reason);
  }

  observe(): void {
    settler.observe(this.future);
  }

  override get isWatched(): boolean {
    return settler.isWatched(this.future);
  }
}
