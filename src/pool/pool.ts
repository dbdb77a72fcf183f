// What every rung's executor owns: takes tasks, packs them, and hands them to the engine that runs them on workers.

import type { Packed } from "../codec/crossing.ts";
import type { ExecutorStats, PreparedTask, PrepareOptions, ShutdownOptions, TaskSource } from "../contract/executor.ts";
import { Future, settler } from "../contract/future.ts";
import { EndedItem, type ItemListener, type MapItem } from "../contract/map-item.ts";
import type { TaskOptions } from "../contract/options.ts";
import type { StartMessage } from "../protocol/messages.ts";
import { brokenError, initializerError, queueFullError, shutdownError } from "./pool-errors.ts";
import { PoolEngine } from "./pool-engine.ts";
import type { PoolSettings } from "./pool-settings.ts";
import { FutureTask } from "./future-task.ts";
import { ItemTask } from "./item-task.ts";
import { letGoOf, type TaskOrder } from "./pool-task.ts";
import { Preparation, type Starts } from "./preparation.ts";
import { SentFunctions } from "./sent-function.ts";
import type { SentFunction } from "./sent-function.ts";
import { readTaskOptions, sentOnce } from "./task-order.ts";

export type { PoolSettings } from "./pool-settings.ts";

/** Any function that a task may run. */
export type AnyTaskFunction = (...args: never[]) => unknown;

/**
 * Workers of one host, the tasks that wait for them, and the futures of those tasks.
 *
 * Nothing is started before the first task. Arguments and functions are packed within `submit`, so that later changes do
 * not show. Options arrive checked.
 */
export class Pool implements TaskSource {
  readonly #settings: PoolSettings;
  readonly #engine: PoolEngine;
  readonly #functions: SentFunctions;
  readonly #now = (): number => this.#engine.now();

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    const [initializer, reason] = packInitializer(settings);
    this.#engine = new PoolEngine(settings, initializer);
    this.#functions = new SentFunctions(this.#engine, (key) => this.#engine.policy.runTimeOf(key));
    if (reason !== undefined) this.#engine.breakWith(initializerError(settings.name, reason));
  }

  get kind(): string {
    return this.#settings.kind;
  }

  get maxWorkers(): number {
    return this.#settings.maxWorkers;
  }

  /** Never throws: what is wrong with the task or the pool is in the future, which has then already failed. `args` is given away. */
  submit(fn: AnyTaskFunction, args: unknown[], options: TaskOptions): Future<unknown> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return failedFuture(refusal);
    if (options.signal?.aborted !== true) this.#engine.expectTask();
    try {
      const order = readTaskOptions(options, undefined, this.#now);
      const packed = this.#settings.packer.packCall(fn, args, options.transfer);
      return this.#submit(this.#functions.of(packed.fn), packed.args, order);
    } catch (error) {
      return failedFuture(error);
    }
  }

  /** Packs `fn` once for many tasks. */
  prepare(fn: AnyTaskFunction, options: PrepareOptions): PreparedTask {
    const order = readTaskOptions(options.task, options.chunkSize, this.#now);
    if (this.#engine.policy.admission === "admitted") this.#engine.expectTask();
    try {
      const sent = this.#functions.of(this.#settings.packer.packFunction(fn));
      return new Preparation(sent, this.#startsOf(sent, options.task, order), this.#engine);
    } catch (error) {
      return new Preparation(undefined, this.#refusals(error), this.#engine);
    }
  }

  stats(): ExecutorStats {
    return this.#engine.stats();
  }

  /** Takes no more tasks, and resolves when the others have ended and all workers are gone. */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    return this.#engine.shutdown(options.cancelPending === true);
  }

  /** Fails every task that has not ended, kills all workers, and resolves when they are gone. */
  terminate(): Promise<void> {
    return this.#engine.terminate();
  }

  #startsOf(sent: SentFunction, options: TaskOptions, order: TaskOrder): Starts {
    return {
      submit: (args) => {
        const packed = this.#admit(args, options);
        return packed instanceof Refusal ? failedFuture(packed.reason) : this.#submit(sent.use(), packed, order);
      },
      start: (args, position, ended) => {
        const packed = this.#admit(args, options);
        return packed instanceof Refusal ? new EndedItem(position, "failed", packed.reason) : this.#start(sent, packed, order, position, ended);
      },
    };
  }

  #refusals(error: unknown): Starts {
    const reason = (): unknown => this.#refusal() ?? error;
    return { submit: () => failedFuture(reason()), start: (_args, position) => new EndedItem(position, "failed", reason()) };
  }

  #admit(args: unknown[], { transfer }: TaskOptions): Packed | Refusal {
    const reason = this.#refusal();
    if (reason !== undefined) return new Refusal(reason);
    try {
      return this.#settings.packer.pack(args, "args", transfer);
    } catch (error) {
      return new Refusal(error);
    }
  }

  /** `sent`: used for it. */
  #submit(sent: SentFunction, args: Packed, order: TaskOrder): Future<unknown> {
    if (this.#isAborted(order, args)) {
      sent.drop();
      return cancelledFuture(order.signal?.reason);
    }
    const task = new FutureTask(this.#orderOf(args, order), sent, args);
    this.#engine.submit(task, settler.submittedAt(task.future));
    return task.future;
  }

  #start(sent: SentFunction, args: Packed, order: TaskOrder, position: number, ended: ItemListener): MapItem {
    if (this.#isAborted(order, args)) return new EndedItem(position, "cancelled", order.signal?.reason);
    const task = new ItemTask(this.#orderOf(args, order), sent.use(), args, position);
    this.#engine.start(task);
    task.onEnded(ended);
    return task;
  }

  /** Whether nobody wants the task any more. */
  #isAborted({ signal }: TaskOrder, args: Packed): boolean {
    if (signal?.aborted !== true) return false;
    letGoOf(args);
    this.#engine.settlement.cancelled += 1;
    return true;
  }

  #orderOf({ transfer }: Packed, order: TaskOrder): TaskOrder {
    // Between threads what moves is gone once sent; to a process its bytes are written, as often as need be.
    return transfer.length > 0 && this.#settings.host.memory === "shared" ? sentOnce(order) : order;
  }

  /** Why no task is taken now. */
  #refusal(): unknown {
    const { name, maxQueue = Infinity } = this.#settings;
    switch (this.#engine.policy.admission) {
      case "admitted":
        return undefined;
      case "shutdown":
        return shutdownError(name);
      case "broken":
        return brokenError(name, this.#engine.brokenCause);
      case "full":
        return queueFullError(name, maxQueue);
    }
  }
}

/** What every worker is told to run first, or why it cannot be. */
function packInitializer({ initializer, initargs = [], packer }: PoolSettings): [StartMessage["initializer"], reason: unknown] {
  if (initializer === undefined) return [undefined, undefined];
  try {
    const fn = packer.packFunction(initializer);
    const args = packer.pack(initargs, "initargs");
    const wire = { id: -1, name: fn.name, value: fn.value, coded: fn.coded };
    return [{ templates: [...fn.templates, ...args.templates], function: wire, args: { value: args.value, coded: args.coded } }, undefined];
  } catch (error) {
    return [undefined, error];
  }
}

/** Why a task is not taken. */
class Refusal {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

function failedFuture(error: unknown): Future<unknown> {
  const future = new Future<unknown>();
  settler.fail(future, error);
  return future;
}

function cancelledFuture(reason: unknown): Future<unknown> {
  const future = new Future<unknown>();
  settler.cancel(future, reason);
  return future;
}
