// A task as the pool sees it: what policy knows of it, and the function and the arguments that it does not. Who waits for it
// is what its two kinds differ in: a future (future-task.ts) or a map (item-task.ts).

import type { HeldBytes } from "../codec/boundary.ts";
import type { Packed } from "../codec/crossing.ts";
import { isPlainList } from "../codec/values/pack-value.ts";
import type { ArgumentForm, TaskWriter } from "../protocol/columns.ts";
import type { TaskProgress, WorkerInfo } from "../contract/future.ts";
import type { RetryOptions } from "../contract/options.ts";
import { Task } from "../policy/task.ts";
import type { TaskTraits } from "../policy/task.ts";
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

/** What is kept of a task's arguments until it has ended: as they were packed, or of those that structured clone carries their list, or the only one. */
type KeptArguments = "none" | "packed" | "list" | "one";

export abstract class PoolTask extends Task implements Run {
  readonly order: TaskOrder;
  /** As `#args`, until the task has ended: a worker that dies gives both back. */
  fn: SentFunction | undefined;
  #args: unknown;
  #kept: KeptArguments;
  /** What of the arguments lies in shared memory. */
  readonly stored: readonly HeldBytes[] | undefined;
  /** Of the present attempt: never used again, so that late messages are harmless. */
  runId = -1;
  /** Its control word, -1 without one. */
  slot = -1;
  /** Where it is among its worker's runs. */
  sequence = -1;
  /** Of an attempt that has ended: the packed result, or the error. */
  value: unknown = undefined;
  /** How it ended: the sum of these that hold. */
  #answer = 0;
  /** The worker of the latest attempt. */
  sentTo: PoolWorker | undefined = undefined;

  constructor(order: TaskOrder, fn: SentFunction, args: Packed) {
    super(fn.runTime, order.traits);
    this.order = order;
    this.fn = fn;
    const list = isPlainList(args) ? args.value : undefined;
    this.#kept = list === undefined ? "packed" : list.length === 1 ? "one" : "list";
    this.#args = list === undefined ? args : list.length === 1 ? list[0] : list;
    this.stored = args.stored;
  }

  /** What policy has at this place of the worker's handed tasks. */
  get task(): Task {
    return this;
  }

  get label(): string {
    return this.order.label ?? this.fn?.packed.name ?? "";
  }

  // ---- who waits for it. Those that end it say whether they did: the first wins. `at`: when, of `performance.now()`

  abstract noteRunning(worker: WorkerInfo | undefined, at?: number): void;
  abstract notePending(): void;
  abstract noteProgress(progress: TaskProgress): void;
  abstract fulfil(value: unknown, at: number): boolean;
  abstract fail(error: unknown, at: number): boolean;
  /** `reason` undefined: a `CancelledError`. */
  abstract cancel(reason: unknown): boolean;
  /** Its failure is no error that nobody handled. */
  abstract observe(): void;
  /** Whether code runs at once when it ends. */
  abstract get isWatched(): boolean;

  // ---- its arguments

  /** What must be sent before or with its arguments; `undefined` for nothing. */
  get extras(): Packed | undefined {
    return this.#kept === "packed" ? (this.#args as Packed) : undefined;
  }

  /** `packed`: what `extras` gave, or the same in another form. */
  writeArguments(tasks: TaskWriter, packed: Packed | undefined): ArgumentForm {
    if (packed !== undefined) return tasks.writeArguments(packed.value, packed.coded);
    return this.#kept === "one" ? tasks.writeArgument(this.#args) : tasks.writeArguments(this.#args, false);
  }

  /** It has ended, and is never sent again. */
  dropWork(): void {
    this.fn?.drop();
    this.fn = undefined;
    if (this.#kept === "packed") letGoOf(this.#args as Packed);
    this.#args = undefined;
    this.#kept = "none";
  }

  // ---- how it ended

  /** Whether the attempt succeeded. */
  get ok(): boolean {
    return (this.#answer & OK) !== 0;
  }

  /** Whether `value` is to be unpacked. */
  get isCoded(): boolean {
    return (this.#answer & CODED) !== 0;
  }

  /** Whether this is what the worker of the latest attempt answered. */
  get hasAnswer(): boolean {
    return (this.#answer & ANSWERED) !== 0;
  }

  /** Its latest attempt begins. */
  isSentTo(worker: PoolWorker): void {
    this.sentTo = worker;
    this.#answer &= ~ANSWERED;
  }

  answered(ok: boolean, value: unknown, isCoded: boolean): void {
    this.value = value;
    this.#answer = ANSWERED + (ok ? OK : 0) + (isCoded ? CODED : 0);
  }

  failedWith(error: unknown): void {
    this.value = error;
    this.#answer &= ~OK;
  }
}

const OK = 1;
const CODED = 2;
const ANSWERED = 4;

/** Nobody sends these arguments any more. */
export function letGoOf({ stored }: Packed): void {
  for (const bytes of stored ?? []) bytes.letGo();
}
