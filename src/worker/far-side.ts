// The far side of a pool: receives batches, runs their tasks one after another, and answers. The entries of thread
// and process and the local host give it a channel and a way to end.

import { AsyncResource, executionAsyncId } from "node:async_hooks";
import { performance } from "node:perf_hooks";
import type { MadeClasses, Packer, Unpacker } from "../codec/crossing.ts";
import type { Template } from "../codec/template.ts";
import {
  PROTOCOL_VERSION,
  type AbortMessage,
  type FromWorker,
  type RunMessage,
  type StartMessage,
  type ToWorker,
  type WireFunction,
} from "../protocol/messages.ts";
import { NO_TASKS, TaskReader } from "../protocol/columns.ts";
import type { Channel, ChannelListener } from "../transport/channel.ts";
import type { Lookable } from "../transport/ring-channel.ts";
import type { FarClaims } from "../transport/claims.ts";
import { WorkerStartError } from "../contract/errors.ts";
import { Outbox } from "./outbox.ts";
import type { Pace } from "./pace.ts";
import { ProgressReports } from "./progress-reports.ts";
import { RunningTask, type TaskHost } from "./running-task.ts";
import type { TaskScope } from "./task-scope.ts";

/** The halves of a crossing that a worker uses. */
export interface FarCrossing {
  readonly packer: Packer;
  readonly unpacker: Unpacker;
}

export interface FarSideOptions extends FarCrossing {
  readonly channel: Channel<FromWorker, ToWorker>;
  readonly claims: FarClaims | undefined;
  readonly scope: TaskScope;
  /** Where messages are found without waiting for the event loop. */
  readonly ring?: Lookable | undefined;
  /** For a worker that shares its thread. Default: never gives way, as nobody else waits. */
  readonly pace?: Pace | undefined;
  /** Bytes of memory that this worker uses. */
  memory(): number;
  /** Called when there is nothing left to do; the next message may come from within. */
  readonly idle?: (() => void) | undefined;
  /** Called when the start message has come, before anything of the user's runs. */
  started?(message: StartMessage): void;
  /** Ends the worker. `report` is for what goes wrong in the user's own exit handlers; nothing else is sent afterwards. */
  end(exitCode: number, report: (error: unknown) => void): void;
}

type AnyFunction = (...args: never[]) => unknown;

/** A function that tasks refer to. */
interface KnownFunction {
  readonly wire: WireFunction;
  /** Unpacked when first used: what fails then fails the task that uses it. */
  fn: AnyFunction | undefined;
  /** That came with it and are only its own. */
  classes: MadeClasses | undefined;
  /** Whether the last call gave a promise; true until known. */
  mayWait: boolean;
}

const NO_BATCH = new TaskReader(NO_TASKS);

export class FarSide implements ChannelListener<ToWorker>, TaskHost {
  readonly #options: FarSideOptions;
  readonly #channel: Channel<FromWorker, ToWorker>;
  readonly #unpacker: Unpacker;
  readonly #claims: FarClaims | undefined;
  readonly #progress: ProgressReports;
  readonly #functions = new Map<number, KnownFunction>();
  readonly #outbox: Outbox;
  #workerIndex = -1;
  #isReady = false;
  #isStopping = false;
  #hasEnded = false;

  /** Whether something is being waited for or run; `#continue` goes on when it is over. */
  #isBusy = false;
  #inbox: RunMessage[] = [];
  #batch: TaskReader = NO_BATCH;
  #running: RunningTask | undefined;
  /** The time when the last task ended, if nothing that takes time has happened since; else -1. Reading the clock costs as much as a short task. */
  #now = -1;
  /** Async resources made since the running task began have higher ids; `undefined` if the task is not expected to wait. */
  #firstAsyncId: number | undefined;
  /** Aborts of tasks that have been received and not begun. */
  #abortsAhead: Map<number, unknown> | undefined;
  readonly #resume = (): void => this.#continue();

  constructor(options: FarSideOptions) {
    this.#options = options;
    this.#channel = options.channel;
    this.#unpacker = options.unpacker;
    this.#claims = options.claims;
    this.#outbox = new Outbox({ channel: options.channel, packer: options.packer, hasNotes: options.claims !== undefined });
    this.#progress = new ProgressReports((taskId, fraction, note) => this.#outbox.sendProgress(taskId, fraction, note));
  }

  get workerIndex(): number {
    return this.#workerIndex;
  }

  /** Takes messages from now on. */
  listen(): void {
    this.#channel.listen(this);
  }

  message(message: ToWorker): void {
    switch (message.type) {
      case "start":
        return this.#start(message);
      case "run":
        this.#inbox.push(message);
        return this.#runUnlessBusy();
      case "abort":
        return this.#abort(message);
      case "stop":
        this.#isStopping = true;
        return this.#runUnlessBusy();
    }
  }

  /** Which tasks were in the message is unknown. */
  messageError(error: unknown): void {
    this.#fall(error);
  }

  // ---- starting

  #start(message: StartMessage): void {
    this.#workerIndex = message.workerIndex;
    if (message.version !== PROTOCOL_VERSION)
      return this.#failStart(
        new WorkerStartError(
          `The worker speaks version ${PROTOCOL_VERSION} of the protocol and its pool version ${message.version}: two versions of dure are installed`,
        ),
      );
    if (message.reportMemory) this.#outbox.reportMemory(() => this.#options.memory());
    this.#options.started?.(message);
    this.#isBusy = true;
    void this.#initialize(message).then(
      () => this.#becomeReady(),
      (error: unknown) => this.#failStart(error),
    );
  }

  async #initialize({ initializer }: StartMessage): Promise<void> {
    if (initializer === undefined) return;
    const waiting = this.#unpacker.define(initializer.templates);
    if (waiting !== undefined) await waiting;
    const classes: MadeClasses = new Map();
    const fn = this.#unpacker.unpack(initializer.function, classes) as AnyFunction;
    const args = this.#unpacker.unpack(initializer.args, classes) as never[];
    await Reflect.apply(fn, undefined, args);
  }

  #becomeReady(): void {
    if (this.#hasEnded) return;
    this.#isReady = true;
    this.#channel.send({ type: "ready", version: PROTOCOL_VERSION }, []);
    this.#continue();
  }

  #failStart(error: unknown): void {
    if (this.#hasEnded) return;
    this.#outbox.sendError("startFailed", error);
    this.#end(1);
  }

  // ---- running

  #runUnlessBusy(): void {
    if (this.#isBusy || !this.#isReady) return;
    this.#isBusy = true;
    this.#continue();
  }

  #continue(): void {
    const { ring } = this.#options;
    ring?.setBusy(true);
    try {
      this.#runOn();
    } catch (error) {
      // What is thrown here is no task's: a task has broken what its worker stands on.
      this.#fall(error);
    } finally {
      ring?.setBusy(false);
    }
  }

  /** Runs tasks until there are none or one must be waited for. */
  #runOn(): void {
    while (!this.#hasEnded) {
      while (this.#batch.hasNext) {
        if (this.#givesWay()) return;
        this.#batch.advance();
        if (this.#runTask(this.#batch)) return;
      }
      this.#outbox.flush();
      this.#now = -1;
      const message = this.#takeMessage() ?? this.#lookForMessage();
      if (message === undefined) return this.#becomeIdle();
      if (this.#open(message)) return;
    }
  }

  #lookForMessage(): RunMessage | undefined {
    return this.#options.ring?.look() === true ? this.#takeMessage() : undefined;
  }

  #takeMessage(): RunMessage | undefined {
    // Shifted out of, an array that becomes empty loses its memory, and mostly there is one message.
    return this.#inbox.length > 1 ? this.#inbox.shift() : this.#inbox.pop();
  }

  /** Time may pass until `#resume` is called. */
  #givesWay(): boolean {
    if (this.#options.pace?.givesWay(this.#resume) !== true) return false;
    this.#now = -1;
    return true;
  }

  #becomeIdle(): void {
    this.#isBusy = false;
    // Not kept alive by a worker that waits for the next batch.
    this.#batch = NO_BATCH;
    if (this.#isStopping) return this.#end(0);
    this.#options.idle?.();
  }

  /** Whether it waits for a message and for nothing else. */
  get isIdle(): boolean {
    return this.#isReady && !this.#isBusy && !this.#hasEnded;
  }

  /** Takes in a batch. True if that has to wait for modules. */
  #open(message: RunMessage): boolean {
    const { forget, forgetTemplates, templates, functions } = message;
    if (forget !== undefined) for (const id of forget) this.#functions.delete(id);
    if (forgetTemplates !== undefined) this.#unpacker.forget(forgetTemplates);
    this.#batch = new TaskReader(message.tasks);
    if (templates !== undefined) this.#announceLoading(templates);
    const waiting = templates === undefined ? undefined : this.#unpacker.define(templates);
    if (functions !== undefined) for (const wire of functions) this.#functions.set(wire.id, { wire, fn: undefined, classes: undefined, mayWait: true });
    void waiting?.then(this.#resume);
    return waiting !== undefined;
  }

  /** A module runs as it loads, and may end the worker: before any task has begun. */
  #announceLoading(templates: readonly Template[]): void {
    const taskId = this.#batch.nextTaskId;
    if (taskId !== undefined && templates.some(({ kind }) => kind === "reference")) this.#channel.send({ type: "loading", taskId }, []);
  }

  /** True if the task has to be waited for. */
  #runTask(task: TaskReader): boolean {
    const { taskId, slot, functionId } = task;
    const known = this.#functions.get(functionId);
    if (this.#now < 0) this.#now = performance.now();
    // Without a slot its pool could not tell which one runs when the worker is lost.
    if (this.#outbox.flushBefore(slot >= 0 ? task.patience : 0, this.#now)) this.#now = -1;
    // It was taken back. A pool that cannot know why it had not begun waits to hear that the worker goes on.
    if (slot >= 0 && this.#claims?.begin(slot, this.#outbox.note) === false) return this.#pass(taskId);
    this.#outbox.noted();
    if (known === undefined) return this.#refuse(taskId, new Error(`The worker was not given function ${functionId}`));
    if (this.#abortsAhead?.has(taskId) === true) return this.#refuse(taskId, this.#takeAbort(taskId));
    return this.#call(new RunningTask(this, task, known.wire.name), task, known);
  }

  #pass(taskId: number): boolean {
    this.#outbox.pass(taskId, performance.now());
    return false;
  }

  /** Answers without running. */
  #refuse(taskId: number, error: unknown): boolean {
    this.#outbox.fail(taskId, error, performance.now(), 0);
    return false;
  }

  #call(task: RunningTask, { args, isCoded }: TaskReader, known: KnownFunction): boolean {
    let startedAt = this.#now;
    try {
      if (known.fn === undefined || isCoded) startedAt = -1;
      const sent = (known.fn ??= this.#unpackFunction(known));
      const values = (isCoded ? this.#unpackArgs(args, known) : args) as unknown[];
      const { given } = known.wire;
      const fn = given === undefined ? sent : (Reflect.apply(sent, undefined, values.slice(0, given) as never[]) as AnyFunction);
      this.#running = task;
      this.#firstAsyncId = known.mayWait ? latestAsyncId() : undefined;
      if (startedAt < 0) startedAt = performance.now();
      const result = this.#options.scope.call(task, fn, given === undefined ? values : values.slice(given));
      known.mayWait = isThenable(result);
      if (known.mayWait) return this.#waitFor(task, result, startedAt);
      this.#finish(task, true, result, startedAt);
    } catch (error) {
      this.#finish(task, false, error, startedAt < 0 ? performance.now() : startedAt);
    }
    return false;
  }

  #unpackFunction(known: KnownFunction): AnyFunction {
    const classes: MadeClasses = new Map();
    const fn = this.#unpacker.unpack(known.wire, classes) as AnyFunction;
    known.classes = classes.size === 0 ? undefined : classes;
    return fn;
  }

  /** What only the arguments have of classes is theirs, so the function's table is not added to. */
  #unpackArgs(args: unknown, { classes }: KnownFunction): unknown {
    return this.#unpacker.unpack({ value: args, coded: true }, classes && new Map(classes));
  }

  #waitFor(task: RunningTask, result: unknown, startedAt: number): boolean {
    this.#now = -1;
    this.#outbox.flushSoon();
    const finish = (ok: boolean, value: unknown): void => {
      this.#finish(task, ok, value, startedAt);
      this.#continue();
    };
    whenSettled(
      result,
      (value) => finish(true, value),
      (error) => finish(false, error),
    );
    return true;
  }

  #finish(task: RunningTask, ok: boolean, value: unknown, startedAt: number): void {
    const now = performance.now();
    const durationMs = now - startedAt;
    this.#running = undefined;
    this.#options.scope.leave();
    task.end();
    if (this.#hasEnded) return;
    this.#progress.flush();
    this.#now = -1;
    if (!ok) this.#outbox.fail(task.id, value, now, durationMs);
    else if (this.#outbox.succeed(task.id, value, now, durationMs)) this.#now = now;
    // In the caller's own thread a message costs next to nothing, and the caller may look at the outcome before the next
    // task. And a limit in time must not pass while the outcome waits here behind a task that has none.
    if (this.#options.pace !== undefined || task.patience === 0) this.#outbox.flush();
  }

  // ---- aborting, progress

  isAborted(slot: number): boolean {
    return this.#claims?.isAborted(slot) ?? false;
  }

  deliverArrived(): void {
    this.#channel.deliverArrived?.();
  }

  #abort({ taskId, reason }: AbortMessage): void {
    if (this.#running?.id === taskId) this.#running.abort(this.#unpackReason(reason));
    else if (this.#isAhead(taskId)) (this.#abortsAhead ??= new Map()).set(taskId, this.#unpackReason(reason));
  }

  #unpackReason(reason: AbortMessage["reason"]): unknown {
    try {
      return this.#unpacker.unpack(reason);
    } catch (error) {
      return error;
    }
  }

  #isAhead(taskId: number): boolean {
    return this.#batch.isAhead(taskId) || this.#inbox.some((message) => new TaskReader(message.tasks).isAhead(taskId));
  }

  #takeAbort(taskId: number): unknown {
    const reason = this.#abortsAhead?.get(taskId);
    this.#abortsAhead?.delete(taskId);
    return reason;
  }

  reportProgress(task: RunningTask, fraction: number, note: string | undefined): void {
    if (!this.#hasEnded) this.#progress.report(task.id, fraction, note);
  }

  // ---- errors that no call threw, and the end

  /** Whether an exception that nothing caught, being handled now, comes from what the running task started. */
  belongsToRunningTask(): boolean {
    return this.#running !== undefined && this.#firstAsyncId !== undefined && executionAsyncId() > this.#firstAsyncId;
  }

  /**
   * An exception that nothing caught. If it comes from the running task, that task fails with it, as it may otherwise
   * never end, and so does the worker: what the task has begun cannot be stopped otherwise.
   */
  uncaughtException(error: unknown): void {
    if (!this.#isReady) return this.#failStart(error);
    if (!this.belongsToRunningTask()) return this.leftoverError(error);
    this.#outbox.fail(this.#running!.id, error, performance.now(), 0);
    this.#end(1);
  }

  /** An error that belongs to no task. */
  leftoverError(error: unknown): void {
    if (!this.#hasEnded) this.#outbox.sendError("leftoverError", error);
  }

  /** Sends what there is: the worker is about to end, whoever wants it to. */
  flush(): void {
    this.#progress.flush();
    this.#outbox.flush();
  }

  /** Ends without a word: what runs is told by its signal, runs on if it does not listen, and nobody hears of it. Returns whether anything does. */
  abandon(reason: unknown): boolean {
    this.#hasEnded = true;
    this.#running?.abort(reason);
    return this.#running !== undefined;
  }

  /** Tasks would be waited for in vain from now on: the pool learns it from the end of the worker. */
  #fall(error: unknown): void {
    try {
      this.leftoverError(error);
    } finally {
      this.#end(1);
    }
  }

  #end(exitCode: number): void {
    if (this.#hasEnded) return;
    try {
      this.flush();
    } finally {
      this.#hasEnded = true;
      this.#options.end(exitCode, (error) => this.#outbox.sendError("leftoverError", error));
    }
  }
}

/** Async resources get rising numbers: those made later have higher ones. */
function latestAsyncId(): number {
  return new AsyncResource("DURE_TASK", { requireManualDestroy: true }).asyncId();
}

const LanguagePromise = Promise;
const thenOfPromises = Promise.prototype.then;

/** As `await` does it: a promise may have a `then` of its own, which calls back twice, or never. */
function whenSettled(result: unknown, fulfilled: (value: unknown) => void, rejected: (error: unknown) => void): void {
  void Reflect.apply(thenOfPromises, LanguagePromise.resolve(result), [fulfilled, rejected]);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return ((typeof value === "object" && value !== null) || typeof value === "function") && typeof (value as { then?: unknown }).then === "function";
}
