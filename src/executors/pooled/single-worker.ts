// One function in one worker of its own, which ends with it: what `Thread` and `Process` have in common. Speaks to the
// worker as a pool does, with a batch of one task.

import { checkFunction, shown } from "../../contract/check-options.ts";
import { CancelledError, InvalidStateError, WorkerLostError, WorkerStartError } from "../../contract/errors.ts";
import { joinOptions } from "../../contract/executor-option-checks.ts";
import type { TaskFunction } from "../../contract/executor.ts";
import { Future, settler } from "../../contract/future.ts";
import type { JoinOptions, SingleWorkerOptions } from "../../contract/options.ts";
import { startTimer } from "../../contract/timer.ts";
import { reportUnhandled } from "../../contract/unhandled.ts";
import { createPacker, createUnpacker } from "../../codec/codec.ts";
import type { Template } from "../../codec/template.ts";
import { describeExit } from "../../pool/pool-errors.ts";
import { PROTOCOL_VERSION, type FromWorker, type RunMessage, type WireOutcome, type WireValue } from "../../protocol/messages.ts";
import type { WorkerExit, WorkerHandle, WorkerHost } from "../../transport/worker-host.ts";
import { DEFAULT_CAPTURE_SIZE, type HostOptions } from "./worker-settings.ts";

/** Milliseconds that the worker has to end once its function has. Smaller: exit handlers are cut short. Larger: one that hangs is waited for. */
const STOP_LIMIT_MS = 5_000;

/** What is run, and what it is run in. */
export interface SingleRun {
  /** What it is, in messages: "thread", "process". */
  readonly kind: string;
  readonly name: string;
  readonly fn: unknown;
  readonly args: unknown;
  /** Checked. */
  readonly options: SingleWorkerOptions;
  createHost(options: HostOptions): WorkerHost;
  /** The exit code of a worker that was ended from outside. */
  codeWhenEnded(exit: WorkerExit): number;
}

export abstract class SingleWorker<R> implements AsyncDisposable {
  readonly #run: SingleRun;
  /** `cancel()` is not for it: what has been started is ended by `terminate()`. */
  readonly #result: Future<Awaited<R>> = new Future({ withdraw: () => false });
  readonly #unpacker = createUnpacker();
  #handle: WorkerHandle | undefined;
  #exitCode: number | null = null;
  /** The function's own outcome, once known: what the worker's exit code says if it ends as it should. */
  #outcome: 0 | 1 | undefined;
  /** What came while modules that its outcome needs are loading: its end must not overtake it. */
  #loading: Promise<void> | undefined;
  #isReady = false;
  /** Whether it was ended from outside while its function ran. */
  #isStopped = false;
  #joining = 0;
  readonly #ended: Promise<void>;
  #announceEnd!: () => void;

  constructor(run: SingleRun) {
    checkFunction(run.fn, `Cannot create the ${run.kind}`);
    if (!Array.isArray(run.args)) throw new TypeError(`Cannot create the ${run.kind}: expected an array of arguments, got ${shown(run.args)}`);
    this.#run = run;
    this.#ended = new Promise((resolve) => void (this.#announceEnd = resolve));
  }

  /** As given, or `"Thread-1"`, `"Process-1"` and so on. For errors, thread names and process titles. */
  get name(): string {
    return this.#run.name;
  }

  /** Whether the program may end while it runs. */
  get daemon(): boolean {
    return this.#run.options.daemon ?? false;
  }

  /** Whether it has been started and has not ended. */
  get isAlive(): boolean {
    return this.#handle !== undefined && this.#exitCode === null;
  }

  /**
   * `null` until it has ended. 0 if the function returned, 1 if it threw, n after `process.exit(n)`. If it was ended from
   * outside: minus the number of the signal for a process (-15 after `terminate()`, -9 after `kill()`), 1 for a thread.
   */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  /**
   * What the function returns or throws; a failure that nobody observes is reported as an unhandled rejection, as those
   * of all futures are. After `terminate()` and `kill()` it is cancelled. After `process.exit()` it has failed with a
   * `WorkerLostError` that is not reported: the exit code says it all.
   */
  get result(): Future<Awaited<R>> {
    return this.#result;
  }

  /**
   * Starts the worker. The arguments and captured variables are those of this moment.
   *
   * @throws {InvalidStateError} If it has been started before.
   * @throws {SerializationError} If the function or an argument cannot cross; nothing has been started then.
   */
  start(): this {
    const { kind, name, options } = this.#run;
    if (this.#handle !== undefined) throw new InvalidStateError(`Cannot start the ${kind} ${quote(name)} as it has been started already: make a new one`);
    const { env, execArgv, resourceLimits, stdout, stderr } = options;
    const host = this.#run.createHost({ name, env, execArgv, resourceLimits, stdout, stderr });
    const [message, transfer] = this.#pack(host);
    const handle = host.start(0, {
      message: (received) => this.#inOrder(() => this.#hear(received)),
      messageError: (error) => this.#inOrder(() => this.#fail(error)),
      exited: (exit) => this.#inOrder(() => this.#end(exit)),
    });
    this.#handle = handle;
    handle.send({ type: "start", version: PROTOCOL_VERSION, workerIndex: 0, poolName: name, initializer: undefined, reportMemory: false }, []);
    handle.send(message, transfer);
    if (this.daemon) handle.unref();
    return this;
  }

  #pack(host: WorkerHost): [message: RunMessage, transfer: readonly object[]] {
    const { fn, args, options } = this.#run;
    const packer = createPacker({ memory: host.memory, maxCaptureSize: options.maxCaptureSize ?? DEFAULT_CAPTURE_SIZE });
    const packed = packer.packFunction(fn as TaskFunction<never[], unknown>);
    const packedArgs = packer.pack(args, "args", options.transfer);
    const wire = { id: 0, name: packed.name, value: packed.value, coded: packed.coded };
    const templates = [...new Set([...packed.templates, ...packedArgs.templates])];
    const message: RunMessage = { type: "run", templates, functions: [wire], tasks: [[0, -1, 0, packedArgs.value, packedArgs.coded, 1]] };
    return [message, [...packed.transfer, ...packedArgs.transfer]];
  }

  /**
   * Waits until it has ended.
   *
   * @returns Whether it has: `false` if `timeout` milliseconds passed first, and then it goes on, as in Python. Never
   *   rejects for what the function threw: that is what {@link result} is for.
   * @throws {InvalidStateError} If it has not been started. `signal.reason`, if the signal aborts the wait.
   */
  async join(options?: JoinOptions): Promise<boolean> {
    const { kind, name } = this.#run;
    const { timeout = Infinity, signal } = joinOptions.check(options, `Cannot join the ${kind} ${quote(name)}`);
    if (this.#handle === undefined) throw new InvalidStateError(`Cannot join the ${kind} ${quote(name)} as it has not been started`);
    signal?.throwIfAborted();
    if (!this.isAlive || timeout === 0) return !this.isAlive;
    this.#hold(1);
    try {
      await this.#endWithin(timeout, signal);
    } finally {
      this.#hold(-1);
    }
    return !this.isAlive;
  }

  #endWithin(timeout: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => settle(() => reject(signal?.reason));
      const stop = startTimer(timeout, () => settle(resolve));
      signal?.addEventListener("abort", abort, { once: true });
      void this.#ended.then(() => settle(resolve));
      function settle(how: () => void): void {
        stop();
        signal?.removeEventListener("abort", abort);
        how();
      }
    });
  }

  /** Whoever waits for a daemon keeps it, and so the program, alive. */
  #hold(change: 1 | -1): void {
    this.#joining += change;
    if (!this.daemon || !this.isAlive) return;
    if (this.#joining > 0) this.#handle?.ref();
    else this.#handle?.unref();
  }

  /** @internal Ends it from outside with `end`; resolves when it is gone, at once if it is already. */
  protected async endBy(verb: string, end: (handle: WorkerHandle) => unknown): Promise<void> {
    const { kind, name } = this.#run;
    if (this.#handle === undefined) throw new InvalidStateError(`Cannot ${verb} the ${kind} ${quote(name)} as it has not been started`);
    if (!this.isAlive) return;
    if (settler.cancel(this.#result, new CancelledError(`The ${kind} ${quote(name)} was ended by ${verb}()`))) this.#isStopped = true;
    end(this.#handle);
    this.#hold(1);
    await this.#ended;
  }

  /** @internal The worker's info, once started. */
  protected get info(): WorkerHandle["info"] | undefined {
    return this.#handle?.info;
  }

  /** What `await using` calls at the end of its block: waits until it has ended, if it has been started. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#handle !== undefined) await this.join();
  }

  // ---- what the worker says

  #inOrder(happen: () => void): void {
    if (this.#loading === undefined) happen();
    else this.#loading = this.#loading.then(happen);
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        this.#isReady = true;
        settler.running(this.#result, this.#handle?.info);
        return;
      case "finished":
        return this.#after(message.templates, () => message.outcomes.forEach((outcome) => this.#finish(outcome)));
      case "progress":
        return settler.progress(this.#result, { fraction: message.fraction, note: message.note });
      case "startFailed":
        return this.#after(message.templates, () => this.#fail(this.#unpackError(message.reason)));
      case "leftoverError":
        return this.#after(message.templates, () => reportUnhandled(this.#unpackError(message.reason)));
    }
  }

  #after(templates: readonly Template[] | undefined, happen: () => void): void {
    const waiting = templates === undefined ? undefined : this.#unpacker.define(templates);
    if (waiting === undefined) return happen();
    const loading = waiting.then(happen);
    this.#loading = loading;
    void loading.then(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
  }

  #finish([, ok, value, coded]: WireOutcome): void {
    try {
      const unpacked = coded ? this.#unpacker.unpack({ value, coded }) : value;
      this.#outcome = ok ? 0 : 1;
      if (ok) settler.fulfil(this.#result, unpacked);
      else settler.fail(this.#result, unpacked);
      this.#stop();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#outcome = 1;
    settler.fail(this.#result, error);
    this.#stop();
  }

  #unpackError(reason: WireValue): unknown {
    try {
      return this.#unpacker.unpack(reason);
    } catch (error) {
      return error;
    }
  }

  #stop(): void {
    const handle = this.#handle;
    handle?.send({ type: "stop" }, []);
    const timer = startTimer(STOP_LIMIT_MS, () => void handle?.kill());
    void this.#ended.then(timer);
  }

  #end(exit: WorkerExit): void {
    this.#exitCode = this.#codeOf(exit);
    if (!this.#result.done()) this.#lose(exit);
    this.#announceEnd();
  }

  #codeOf(exit: WorkerExit): number {
    const { signal, exitCode, likelyCause } = exit;
    if (signal === null && this.#outcome !== undefined && (exitCode === 0 || likelyCause === "killed")) return this.#outcome;
    return signal !== null || exitCode === null || this.#isStopped ? this.#run.codeWhenEnded(exit) : exitCode;
  }

  #lose(exit: WorkerExit): void {
    const { kind, name } = this.#run;
    if (!this.#isReady)
      return void settler.fail(
        this.#result,
        new WorkerStartError(`The ${kind} ${quote(name)} could not be started: ${describeExit(exit)}`, { cause: exit.error }),
      );
    const message = `The ${kind} ${quote(name)} ended before its function did: ${describeExit(exit)}`;
    if (exit.likelyCause === "process.exit") settler.observe(this.#result);
    settler.fail(this.#result, new WorkerLostError(message, { ...exit, workerIndex: 0, task: name, cause: exit.error }));
  }
}

function quote(name: string): string {
  return JSON.stringify(name);
}
