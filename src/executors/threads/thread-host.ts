// Starts the workers of the thread rung and talks to each over a port of its own.

import type { Worker } from "node:worker_threads";
import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import { sharedState } from "../../codec/shared-state.ts";
import type { WorkerDeathCause } from "../../contract/errors.ts";
import type { TransportStats } from "../../contract/executor.ts";
import type { WorkerInfo } from "../../contract/future.ts";
import type { FromWorker, ToWorker } from "../../protocol/messages.ts";
import { SharedNearClaims } from "../../transport/claims.ts";
import { PortChannel } from "../../transport/port-channel.ts";
import { RingChannel, type Doorbell } from "../../transport/ring-channel.ts";
import { FINISHED_FRAMES, RUN_FRAMES } from "../../transport/ring-frames.ts";
import type { WorkerExit, WorkerHandle, WorkerHost, WorkerListener } from "../../transport/worker-host.ts";
import type { HostOptions } from "../pooled/host-options.ts";
import { afterPendingEvents, CONNECTION_CLOSED, whenItLivesOn } from "../pooled/lost-connection.ts";
import { beginThread, type BegunThread } from "./begin-thread.ts";

const FORMS = { outgoing: RUN_FRAMES, incoming: FINISHED_FRAMES } as const;

/** Milliseconds after which a thread that does not end is given up. Smaller: a slow machine abandons threads that would have ended. Larger: their replacement waits. */
const TERMINATE_LIMIT_MS = 200;

export class ThreadHost implements WorkerHost {
  readonly memory = "shared";
  readonly transport: TransportStats = { kind: "port", largeValues: "copy" };
  readonly #options: HostOptions;
  #begun: BegunThread | undefined;

  /** `begun`: the thread of the first worker, if it has been begun in this turn. */
  constructor(options: HostOptions, begun?: BegunThread) {
    this.#options = options;
    this.#begun = begun;
  }

  start(workerIndex: number, listener: WorkerListener): WorkerHandle {
    const thread = this.#begun ?? beginThread(workerIndex, this.#options);
    this.#begun = undefined;
    return new ThreadWorker(workerIndex, listener, thread, this.#options);
  }
}

/** Those that run, for whoever must know of their ends and comes later. */
const liveThreads: Set<Worker> = sharedState("threads.1", () => new Set());

class ThreadWorker implements WorkerHandle {
  readonly info: WorkerInfo;
  readonly claims: SharedNearClaims;
  readonly #listener: WorkerListener;
  readonly ring: RingChannel<ToWorker, FromWorker>;
  readonly #port: PortChannel<ToWorker, FromWorker, Doorbell>;
  /** Undefined if it could not be made. */
  readonly #worker: Worker | undefined;
  #error: unknown;
  #isKilled = false;
  #hasExited = false;
  #killing: Promise<"gone" | "abandoned"> | undefined;
  #stopWaiting: () => void = () => {};

  constructor(workerIndex: number, listener: WorkerListener, thread: BegunThread, options: HostOptions) {
    this.#listener = listener;
    this.claims = new SharedNearClaims(thread.claims);
    this.#port = new PortChannel(thread.port, FORMS, () => this.#portClosed());
    this.ring = new RingChannel({ inner: this.#port, side: "near", ...FORMS });
    this.ring.openRings({ memory: thread.ring.memory });
    this.ring.listen(listener);
    this.#worker = thread.worker;
    this.#error = thread.error;
    // `start` must have returned before the pool hears of the end.
    if (thread.worker === undefined) setImmediate(() => this.#exit(null));
    else this.#watch(thread.worker, options);
    this.info = { index: workerIndex, threadId: this.#worker?.threadId };
  }

  #watch(worker: Worker, options: HostOptions): void {
    liveThreads.add(worker);
    worker.on("error", (error) => void (this.#error = error));
    worker.on("exit", (exitCode) => {
      liveThreads.delete(worker);
      this.#onExit(exitCode);
    });
    if (options.stdout === "ignore") worker.stdout.resume();
    if (options.stdout === "stderr") worker.stdout.on("data", (chunk: Uint8Array) => process.stderr.write(chunk));
    if (options.stderr === "ignore") worker.stderr.resume();
  }

  send(message: ToWorker, transfer: readonly object[]): void {
    if (!this.#hasExited) this.ring.send(message, transfer);
  }

  kill(): Promise<"gone" | "abandoned"> {
    return (this.#killing ??= this.#kill());
  }

  #kill(): Promise<"gone" | "abandoned"> {
    const worker = this.#worker;
    if (this.#hasExited || worker === undefined) return Promise.resolve("gone");
    this.#isKilled = true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => afterPendingEvents(() => this.#abandon(worker, resolve)), TERMINATE_LIMIT_MS);
      worker.once("exit", () => {
        clearTimeout(timer);
        resolve("gone");
      });
      void worker.terminate();
    });
  }

  #portClosed(): void {
    this.#stopWaiting = whenItLivesOn(() => {
      this.#error ??= new Error(CONNECTION_CLOSED);
      void this.kill();
    });
  }

  /** The thread is in a native call, and ends when that returns. It must not keep the program alive until then. */
  #abandon(worker: Worker, resolve: (end: "abandoned") => void): void {
    if (this.#hasExited) return;
    worker.unref();
    this.#exit(null);
    resolve("abandoned");
  }

  #onExit(exitCode: number): void {
    // Node may emit 'exit' before it has delivered the last messages.
    this.ring.deliverArrived();
    this.#exit(exitCode);
  }

  #exit(exitCode: number | null): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    this.#stopWaiting();
    this.ring.close();
    this.#listener.exited(this.#describeExit(exitCode));
  }

  #describeExit(exitCode: number | null): WorkerExit {
    return { exitCode, signal: null, likelyCause: this.#likelyCause(exitCode), error: this.#error };
  }

  #likelyCause(exitCode: number | null): WorkerDeathCause {
    if ((this.#error as { code?: unknown } | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY") return "out of memory";
    if (this.#isKilled) return "killed";
    if (this.#error !== undefined) return exitCode === null ? "unknown" : "uncaught error";
    return "process.exit";
  }

  ref(): void {
    if (this.#hasExited) return;
    this.#worker?.ref();
    this.#port.ref();
  }

  unref(): void {
    if (this.#hasExited) return;
    this.#worker?.unref();
    this.#port.unref();
  }
}
