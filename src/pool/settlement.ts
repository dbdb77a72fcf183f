// Tells those who wait for tasks that have ended, in the order in which they ended, counts them, and lets go of all that
// was kept for them.

import type { PoolTask } from "./pool-task.ts";
import { SignalWatch } from "./signal-watch.ts";

/** Never written to. */
const NONE: PoolTask[] = [];

export class Settlement {
  readonly signals: SignalWatch<PoolTask>;
  #ended: PoolTask[] = NONE;
  #isSettling = false;
  /** When the outcomes that are being settled arrived. */
  #now = 0;
  completed = 0;
  failed = 0;
  cancelled = 0;

  constructor(aborted: (task: PoolTask, reason: unknown) => void) {
    this.signals = new SignalWatch(aborted);
  }

  /** Whether those who wait are being told now. */
  get isSettling(): boolean {
    return this.#isSettling;
  }

  /** The outcome is in the task. Who waits for it is told by `settleEnded`, after workers have been given their next tasks. */
  add(task: PoolTask): void {
    // An array that grows takes memory for many, and mostly there is one.
    if (this.#ended.length === 0) this.#ended = [task];
    else this.#ended.push(task);
  }

  /**
   * While code that submits goes on. What has a result that no code waits for, other than by its promise, is settled: promises call
   * back when that code has ended. So of very many tasks only the futures are kept until then. The others are told by `settleEnded`.
   */
  addMeanwhile(task: PoolTask, now: number): void {
    if (task.isCoded || task.isWatched) return this.add(task);
    this.#now = now;
    this.#settle(task);
  }

  /** `now`: of `performance.now()`. Whoever waits for a task may submit, cancel or shut down in here: what that ends is settled in the same loop. */
  settleEnded(now: number): void {
    if (this.#isSettling || this.#ended.length === 0) return;
    this.#isSettling = true;
    this.#now = now;
    const ended = this.#ended;
    for (let at = 0; at < ended.length; at += 1) this.#settle(ended[at] as PoolTask);
    this.#ended = NONE;
    this.#isSettling = false;
  }

  cancel(task: PoolTask, reason: unknown): void {
    this.letGo(task);
    if (task.cancel(reason)) this.cancelled += 1;
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
    this.letGo(task);
    // Of a batch, only the first was known to have begun.
    if (task.hasAnswer) task.noteRunning(task.sentTo?.info, this.#now);
    if (task.ok) this.#fulfil(task);
    else if (task.fail(task.value, this.#now)) this.failed += 1;
    task.value = undefined;
  }

  #fulfil(task: PoolTask): void {
    let { value } = task;
    if (task.isCoded) {
      try {
        value = task.sentTo?.unpacker.unpack({ value, coded: true });
      } catch (error) {
        if (task.fail(error, this.#now)) this.failed += 1;
        return;
      }
    }
    if (task.fulfil(value, this.#now)) this.completed += 1;
  }
}
