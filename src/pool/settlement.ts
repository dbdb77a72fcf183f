// Settles the futures of tasks that have ended, in the order in which they ended, counts them, and lets go of all that
// was kept for them.

import { Future, settler } from "../contract/future.ts";
import type { PoolTask } from "./pool-task.ts";
import { SignalWatch } from "./signal-watch.ts";

export class Settlement {
  readonly signals: SignalWatch<PoolTask>;
  #ended: PoolTask[] = [];
  #isSettling = false;
  /** When the outcomes that are being settled arrived. */
  #now = 0;
  completed = 0;
  failed = 0;
  cancelled = 0;

  constructor(aborted: (task: PoolTask, reason: unknown) => void) {
    this.signals = new SignalWatch(aborted);
  }

  /** The outcome is in the task. Its future is settled by `settleEnded`, after workers have been given their next tasks. */
  add(task: PoolTask): void {
    this.#ended.push(task);
  }

  /** `now`: of `performance.now()`. Whoever waits for a future may submit, cancel or shut down in here: what that ends is settled in the same loop. */
  settleEnded(now: number): void {
    if (this.#isSettling || this.#ended.length === 0) return;
    this.#isSettling = true;
    this.#now = now;
    const ended = this.#ended;
    for (let at = 0; at < ended.length; at += 1) this.#settle(ended[at] as PoolTask);
    this.#ended = [];
    this.#isSettling = false;
  }

  cancel(task: PoolTask, reason: unknown): void {
    this.letGo(task);
    if (settler.cancel(task.future, reason)) this.cancelled += 1;
  }

  /** For a task whose signal has aborted before it was submitted. */
  refuseAborted(reason: unknown): Future<unknown> {
    const future = new Future<unknown>();
    settler.cancel(future, reason);
    this.cancelled += 1;
    return future;
  }

  /** `Future.cancel()` settles the future itself. */
  withdrawn(task: PoolTask): void {
    this.letGo(task);
    this.cancelled += 1;
  }

  letGo(task: PoolTask): void {
    if (task.order.signal !== undefined) this.signals.remove(task.order.signal, task);
    task.dropWork();
  }

  #settle(task: PoolTask): void {
    const { future, sentTo } = task;
    this.letGo(task);
    // Of a batch, only the first was known to have begun.
    if (task.hasAnswer && future.state === "pending") settler.running(future, sentTo?.info, this.#now);
    if (task.ok) this.#fulfil(task);
    else if (settler.fail(future, task.value, this.#now)) this.failed += 1;
    task.value = undefined;
  }

  #fulfil(task: PoolTask): void {
    let { value } = task;
    if (task.isCoded) {
      try {
        value = task.sentTo?.unpacker.unpack({ value, coded: true });
      } catch (error) {
        if (settler.fail(task.future, error, this.#now)) this.failed += 1;
        return;
      }
    }
    if (settler.fulfil(task.future, value, this.#now)) this.completed += 1;
  }
}
