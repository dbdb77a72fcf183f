// Workers that live in their pool's own thread: those of the serial and async rungs. The same far side as everywhere,
// over the loopback.

import { CancelledError } from "../contract/errors.ts";
import type { TransportStats } from "../contract/executor.ts";
import type { WorkerInfo } from "../contract/future.ts";
import type { FromWorker, ToWorker } from "../protocol/messages.ts";
import type { Channel } from "../transport/channel.ts";
import { createLoopback, type Schedule } from "../transport/loopback.ts";
import type { WorkerExit, WorkerHandle, WorkerHost, WorkerListener } from "../transport/worker-host.ts";
import { FarSide, type FarCrossing } from "./far-side.ts";
import { LocalPace, SharedTurn } from "./pace.ts";
import { AsyncTaskScope } from "./task-scope.ts";

export interface LocalHostOptions {
  /** Called for each worker. */
  createCrossing(): FarCrossing;
  /** Whether messages are copied, so that nothing is shared with the caller. Default `false`. */
  readonly isolate?: boolean | undefined;
  /** When messages arrive. Default: in a microtask. */
  readonly schedule?: Schedule | undefined;
}

export class LocalHost implements WorkerHost {
  readonly memory = "shared";
  readonly #options: LocalHostOptions;

  constructor(options: LocalHostOptions) {
    this.#options = options;
  }

  get transport(): TransportStats {
    return { kind: "call", largeValues: this.#options.isolate === true ? "copy" : "reference" };
  }

  start(workerIndex: number, listener: WorkerListener): WorkerHandle {
    return new LocalWorker(workerIndex, listener, this.#options);
  }
}

// One for all local hosts of a thread: they share its event loop, and each scope is asked in `currentTask()`.
let sharedTurn: SharedTurn | undefined;
let sharedScope: AsyncTaskScope | undefined;

const CLEAN_EXIT = { signal: null, error: undefined } as const;

class LocalWorker implements WorkerHandle {
  readonly info: WorkerInfo;
  /** None: a batch could not be taken back while the pool's own thread runs it, so a batch is one task. */
  readonly claims: undefined;
  readonly #listener: WorkerListener;
  readonly #channel: Channel<ToWorker, FromWorker>;
  readonly #farSide: FarSide;
  #hasExited = false;

  constructor(workerIndex: number, listener: WorkerListener, options: LocalHostOptions) {
    this.info = { index: workerIndex };
    this.#listener = listener;
    const [near, far] = createLoopback<ToWorker, FromWorker>({ schedule: options.schedule, copy: options.isolate });
    this.#channel = near;
    near.listen(listener);
    this.#farSide = new FarSide({
      ...options.createCrossing(),
      channel: far,
      claims: undefined,
      scope: (sharedScope ??= new AsyncTaskScope()),
      pace: new LocalPace((sharedTurn ??= new SharedTurn())),
      memory: () => process.memoryUsage.rss(),
      end: (exitCode) => this.#endAfterLastMessage(exitCode),
    });
    this.#farSide.listen();
  }

  send(message: ToWorker, transfer: readonly object[]): void {
    this.#channel.send(message, transfer);
  }

  kill(): Promise<"gone" | "abandoned"> {
    if (this.#hasExited) return Promise.resolve("gone");
    const runsOn = this.#farSide.abandon(new CancelledError("The task was stopped with its worker"));
    this.#exit({ ...CLEAN_EXIT, exitCode: null, likelyCause: "killed" });
    return Promise.resolve(runsOn ? "abandoned" : "gone");
  }

  /** Its timers and sockets are the program's own: whether these keep it alive is not ours to say. */
  ref(): void {}
  unref(): void {}

  #endAfterLastMessage(exitCode: number): void {
    // What the far side has sent is still on its way.
    this.#channel.deliverArrived?.();
    this.#exit({ ...CLEAN_EXIT, exitCode, likelyCause: "unknown" });
  }

  #exit(exit: WorkerExit): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    this.#channel.close();
    this.#listener.exited(exit);
  }
}
