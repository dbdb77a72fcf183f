// Thins out what a task says of its progress: at most one message in a while, and always the last one.

import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";

/** Milliseconds between messages. Smaller: a task that reports in a tight loop floods its pool. Larger: progress bars stutter. */
const INTERVAL_MS = 50;

type Send = (taskId: number, fraction: number, note: string | undefined) => void;

export class ProgressReports {
  readonly #send: Send;
  #sentAt = -Infinity;
  #held: Parameters<Send> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: Send) {
    this.#send = send;
  }

  report(...report: Parameters<Send>): void {
    this.#held = report;
    if (performance.now() - this.#sentAt >= INTERVAL_MS) this.flush();
    // Does not run while the task holds the thread; then the next report sends it, or the task's end.
    else this.#timer ??= setTimeout(() => this.flush(), INTERVAL_MS).unref();
  }

  /** Sends the last report if it was held back; before the task's outcome, which makes it meaningless. */
  flush(): void {
    if (this.#held === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const held = this.#held;
    this.#held = undefined;
    this.#sentAt = performance.now();
    this.#send(...held);
  }
}
