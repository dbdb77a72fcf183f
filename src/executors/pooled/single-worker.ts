// One function in one worker of its own, which ends with it: what `Thread` and `Process` have in common.

import { checkFunction, shown } from "../../contract/check-options.ts";
import { CancelledError, InvalidStateError, WorkerLostError, WorkerStartError } from "../../contract/errors.ts";
import { joinOptions } from "../../contract/executor-option-checks.ts";
import { Future, settler } from "../../contract/future.ts";
import type { JoinOptions, SingleWorkerOptions } from "../../contract/options.ts";
import { startTimer } from "../../contract/timer.ts";
import type { WorkerExit, WorkerHandle } from "../../transport/worker-host.ts";
import type { SingleListener, SingleOrder } from "./single-run.ts";

/** What is run, and what its rung does. */
export interface SingleSettings {
  /** What it is, in messages: "thread", "process". */
  readonly kind: string;
  readonly name: string;
  readonly fn: unknown;
  readonly args: unknown;
  /** Checked. */
  readonly options: SingleWorkerOptions;
  start(order: SingleOrder, listener: SingleListener): WorkerHandle;
  /** The exit code of a worker that was ended from outside. */
  codeWhenEnded(exit: WorkerExit): number;
}

export abstract class SingleWorker<R> implements AsyncDisposable {
  readonly #settings: SingleSettings;
  /** `cancel()` is not for it: what has been started is ended by `terminate()`. */
  readonly #result: Future<Awaited<R>> = new Future({ withdraw: () => false });
  #handle: WorkerHandle | undefined;
  #exitCode: number | null = null;
  /** The function's own outcome, once known: what the worker's exit code says if it ends as it should. */
  #outcome: 0 | 1 | undefined;
  #isReady = false;
  /** Whether it was ended from outside while its function ran. */
  #isStopped = false;
  #joining = 0;
  readonly #ended: Promise<void>;
  #announceEnd!: () => void;

  constructor(settings: SingleSettings) {
    checkFunction(settings.fn, `Cannot create the ${settings.kind}`);
    if (!Array.isArray(settings.args)) throw new TypeError(`Cannot create the ${settings.kind}: expected an array of arguments, got ${shown(settings.args)}`);
    this.#settings = settings;
    this.#ended = new Promise((resolve) => void (this.#announceEnd = resolve));
  }

  /** As given, or `"Thread-1"`, `"Process-1"` and so on. For errors, thread names and process titles. */
  get name(): string {
    return this.#settings.name;
  }

  /** Whether the program may end while it runs. */
  get daemon(): boolean {
    return this.#settings.options.daemon ?? false;
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
    const { kind, name } = this.#settings;
    if (this.#handle !== undefined) throw new InvalidStateError(`Cannot start the ${kind} ${quote(name)} as it has been started already: make a new one`);
    this.#handle = this.#settings.start(this.#settings as SingleOrder, {
      ready: () => this.#ready(),
      progress: (progress) => settler.progress(this.#result, progress),
      finished: (ok, value) => this.#finish(ok, value),
      exited: (exit, description) => this.#end(exit, description),
    });
    if (this.daemon) this.#handle.unref();
    return this;
  }

  /**
   * Waits until it has ended.
   *
   * @returns Whether it has: `false` if `timeout` milliseconds passed first, and then it goes on, as in Python. Never
   *   rejects for what the function threw: that is what {@link result} is for.
   * @throws {InvalidStateError} If it has not been started. `signal.reason`, if the signal aborts the wait.
   */
  async join(options?: JoinOptions): Promise<boolean> {
    const { kind, name } = this.#settings;
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
    const { kind, name } = this.#settings;
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

  // ---- what becomes of it

  #ready(): void {
    this.#isReady = true;
    settler.running(this.#result, this.#handle?.info);
  }

  #finish(ok: boolean, value: unknown): void {
    this.#outcome = ok ? 0 : 1;
    if (ok) settler.fulfil(this.#result, value);
    else settler.fail(this.#result, value);
  }

  #end(exit: WorkerExit, description: string): void {
    this.#exitCode = this.#codeOf(exit);
    if (!this.#result.done()) this.#lose(exit, description);
    this.#announceEnd();
  }

  #codeOf(exit: WorkerExit): number {
    const { signal, exitCode, likelyCause } = exit;
    if (signal === null && this.#outcome !== undefined && (exitCode === 0 || likelyCause === "killed")) return this.#outcome;
    return signal !== null || exitCode === null || this.#isStopped ? this.#settings.codeWhenEnded(exit) : exitCode;
  }

  #lose(exit: WorkerExit, description: string): void {
    const { kind, name } = this.#settings;
    if (!this.#isReady) {
      settler.fail(this.#result, new WorkerStartError(`The ${kind} ${quote(name)} could not be started: ${description}`, { cause: exit.error }));
      return;
    }
    if (exit.likelyCause === "process.exit") settler.observe(this.#result);
    const message = `The ${kind} ${quote(name)} ended before its function did: ${description}`;
    settler.fail(this.#result, new WorkerLostError(message, { ...exit, workerIndex: 0, task: name, cause: exit.error }));
  }
}

function quote(name: string): string {
  return JSON.stringify(name);
}
