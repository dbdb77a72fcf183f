// Somebody in this thread who waits for a lock without blocking, until it is granted or given up.

import type { TaskContext } from "../contract/task-context.ts";
import { startTimer } from "../contract/timer.ts";
import type { LockGuard } from "./lock-guard.ts";

/** What ends a wait early. */
export interface WaitLimits {
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

export class LockWaiter {
  /** Its place in line; `NO_PLACE` while there is none. */
  ticket: number;
  readonly task: TaskContext | undefined;
  readonly guard: Promise<LockGuard>;
  #resolve!: (guard: LockGuard) => void;
  #reject!: (reason: unknown) => void;
  #stopTimer: () => void = () => {};
  #signals: readonly AbortSignal[] = [];
  #abort: () => void = () => {};

  constructor(ticket: number, task: TaskContext | undefined) {
    this.ticket = ticket;
    this.task = task;
    this.guard = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Calls back when a limit is met: its own, or its task's. */
  limit({ timeout, signal }: WaitLimits, expired: () => void, aborted: (reason: unknown) => void): void {
    this.#stopTimer = startTimer(timeout, expired);
    this.#signals = [signal, this.task?.signal].filter((one) => one !== undefined);
    this.#abort = () => aborted(this.#signals.find((one) => one.aborted)?.reason);
    for (const one of this.#signals) one.addEventListener("abort", this.#abort);
    // A task's signal may abort by being looked at.
    if (this.#signals.some((one) => one.aborted)) this.#abort();
  }

  grant(guard: LockGuard): void {
    this.#stop();
    this.#resolve(guard);
  }

  fail(reason: unknown): void {
    this.#stop();
    this.#reject(reason);
  }

  #stop(): void {
    this.#stopTimer();
    for (const one of this.#signals) one.removeEventListener("abort", this.#abort);
  }
}
