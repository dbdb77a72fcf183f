// One acquisition of a lock: who has it may release it, once.

import { InvalidStateError } from "../contract/errors.ts";
import type { TaskContext } from "../contract/task-context.ts";
import type { Lock } from "./lock.ts";

/** What a guard tells its lock. */
export interface GuardedLock {
  /** Ends the acquisition. `isAbandoned`: its owner has ended, or could not make good what it found. */
  end(guard: LockGuard, isAbandoned: boolean): void;
}

/** Gives a lock back as one whose owner has ended. Internal. */
export let abandon: (guard: LockGuard) => void;

/**
 * An acquired lock. It comes from `lock.acquire()` and its like, and is released by the end of a `using` block or by
 * {@link release}. It belongs to the thread that acquired it, and to the task, if one did.
 */
export class LockGuard implements Disposable {
  /** The lock that it holds. */
  readonly lock: Lock;
  /** @internal The task that acquired it. */
  readonly task: TaskContext | undefined;
  #guarded: GuardedLock | undefined;

  /** @internal */
  constructor(lock: Lock, guarded: GuardedLock, task: TaskContext | undefined) {
    this.lock = lock;
    this.task = task;
    this.#guarded = guarded;
  }

  /** Whether it has been released, or was taken away because its task ended. */
  get released(): boolean {
    return this.#guarded === undefined;
  }

  /**
   * Releases the lock; whoever waits longest has it next.
   *
   * @throws {InvalidStateError} If it has been released already.
   */
  release(): void {
    if (this.#guarded === undefined)
      throw new InvalidStateError(`Cannot release the lock ${JSON.stringify(this.lock.name)} as this guard does not hold it any more: it was released before`);
    this.#end(false);
  }

  /** What the end of a `using` block calls: releases the lock, unless it has been. */
  [Symbol.dispose](): void {
    if (this.#guarded !== undefined) this.#end(false);
  }

  #end(isAbandoned: boolean): void {
    const guarded = this.#guarded;
    this.#guarded = undefined;
    guarded?.end(this, isAbandoned);
  }

  static {
    abandon = (guard) => guard.#end(true);
  }
}
