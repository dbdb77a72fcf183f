// What every rung's executor owns: takes tasks, packs them, and hands them to the engine that runs them on workers.

import type { Packed } from "../codec/crossing.ts";
import type { ExecutorStats, PreparedTask, PrepareOptions, ShutdownOptions, TaskSource } from "../contract/executor.ts";
import { Future, settler } from "../contract/future.ts";
import type { TaskOptions } from "../contract/options.ts";
import type { StartMessage } from "../protocol/messages.ts";
import { brokenError, initializerError, queueFullError, shutdownError } from "./pool-errors.ts";
import { PoolEngine } from "./pool-engine.ts";
import type { PoolSettings } from "./pool-settings.ts";
import { letGoOf, PoolTask } from "./pool-task.ts";
import type { TaskOrder } from "./pool-task.ts";
import { Preparation } from "./preparation.ts";
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
    this.#functions = new SentFunctions(this.#engine);
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
      return this.#start(this.#functions.of(packed.fn), packed.args, order);
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
      return new Preparation(sent, (args) => this.#submitPrepared(sent, args, options.task, order), this.#engine);
    } catch (error) {
      return new Preparation(undefined, () => failedFuture(this.#refusal() ?? error), this.#engine);
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

  #submitPrepared(sent: SentFunction, args: unknown[], options: TaskOptions, order: TaskOrder): Future<unknown> {
    const refusal = this.#refusal();
    if (refusal !== undefined) return failedFuture(refusal);
    try {
      return this.#start(sent.use(), this.#settings.packer.pack(args, "args", options.transfer), order);
    } catch (error) {
      sent.drop();
      return failedFuture(error);
    }
  }

  #start(sent: SentFunction, args: Packed, order: TaskOrder): Future<unknown> {
    if (order.signal?.aborted === true) {
      sent.drop();
      letGoOf(args);
      return this.#engine.settlement.refuseAborted(order.signal.reason);
    }
    const runTime = this.#engine.policy.runTimeOf(sent.packed.key);
    // Between threads what moves is gone once sent; to a process its bytes are written, as often as need be.
    const movesAway = args.transfer.length > 0 && this.#settings.host.memory === "shared";
    const task = new PoolTask(runTime, movesAway ? sentOnce(order) : order, sent, args);
    this.#engine.submit(task);
    return task.future;
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

function failedFuture(error: unknown): Future<unknown> {
  const future = new Future<unknown>();
  settler.fail(future, error);
  return future;
}
