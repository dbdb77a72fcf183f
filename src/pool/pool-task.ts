// A task as the pool sees it: what policy knows of it, and the future, the function and the arguments that it does not.

import type { Packed } from "../codec/crossing.ts";
import { Future } from "../contract/future.ts";
import type { FutureOwner } from "../contract/future.ts";
import type { RetryOptions } from "../contract/options.ts";
import { Task } from "../policy/task.ts";
import type { TaskTraits } from "../policy/task.ts";
import type { RunTime } from "../policy/run-times.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { Run } from "./runs.ts";
import type { SentFunction } from "./sent-function.ts";

/** What a task may be told by its pool. */
export interface TaskOwner {
  withdraw(task: PoolTask): boolean;
}

/** What a pool needs to know of a task beside what policy does. */
export interface TaskOrder {
  readonly traits: TaskTraits;
  readonly label: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Whether a signal or a limit in time may stop it, and its worker with it. */
  readonly isStoppable: boolean;
  readonly retries: RetryOptions | undefined;
  /** The limits as given, in milliseconds, for error messages. */
  readonly timeout: number | undefined;
  readonly queueTimeout: number | undefined;
  readonly deadline: number | undefined;
}

export class PoolTask extends Task implements FutureOwner, Run {
  readonly future: Future<unknown>;
  readonly order: TaskOrder;
  readonly #owner: TaskOwner;
  /** Both until the task has ended: a worker that dies gives them back. */
  fn: SentFunction | undefined;
  args: Packed | undefined;
  /** Of the present attempt: never used again, so that late messages are harmless. */
  runId = -1;
  /** Its control word, -1 without one. */
  slot = -1;
  /** Where it is among its worker's runs. */
  sequence = -1;
  /** Of an attempt that has ended: whether it succeeded, and the packed result, or the error. */
  ok = false;
  value: unknown = undefined;
  isCoded = false;
  /** The worker of the latest attempt. */
  sentTo: PoolWorker | undefined = undefined;
  /** Whether `ok` and `value` are what that worker answered. */
  hasAnswer = false;

  constructor(owner: TaskOwner, runTime: RunTime, order: TaskOrder, fn: SentFunction, args: Packed) {
    super(runTime, order.traits);
    this.#owner = owner;
    this.order = order;
    this.fn = fn;
    this.args = args;
    this.future = new Future<unknown>(this);
  }

  /** What policy has at this place of the worker's handed tasks. */
  get task(): Task {
    return this;
  }

  get label(): string {
    return this.order.label ?? this.fn?.packed.name ?? "";
  }

  withdraw(): boolean {
    return this.#owner.withdraw(this);
  }

  failedWith(error: unknown): void {
    this.ok = false;
    this.value = error;
  }
}
