// Starts the workers of the thread rung and talks to each over a port of its own.

import { MessageChannel, type MessagePort, type Worker, type WorkerOptions } from "node:worker_threads";
import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import { sharedState } from "../../codec/shared-state.ts";
import type { WorkerDeathCause } from "../../contract/errors.ts";
import type { TransportStats } from "../../contract/executor.ts";
import type { WorkerInfo } from "../../contract/future.ts";
import type { ResourceLimits, WorkerOutput } from "../../contract/options.ts";
import type { FromWorker, ToWorker } from "../../protocol/messages.ts";
import { CLAIMS_SIZE, SharedNearClaims } from "../../transport/claims.ts";
import { PortChannel } from "../../transport/port-channel.ts";
import { RING_CHANNEL_SIZE, RingChannel, type Doorbell } from "../../transport/ring-channel.ts";
import { FINISHED_FRAMES, RUN_FRAMES } from "../../transport/ring-frames.ts";
import type { ThreadStart } from "../../transport/thread-start.ts";
import type { SpinTimes, WorkerExit, WorkerHandle, WorkerHost, WorkerListener } from "../../transport/worker-host.ts";
import { workerSource } from "../../transport/worker-source.ts";
import { afterPendingEvents, CONNECTION_CLOSED, whenItLivesOn } from "../pooled/lost-connection.ts";
import { constructThread } from "./construct-thread.ts";

export interface ThreadHostOptions {
  /** Threads are named after it. */
  readonly name: string;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly execArgv?: readonly string[] | undefined;
  readonly resourceLimits?: ResourceLimits | undefined;
  readonly stdout?: WorkerOutput | "stderr" | undefined;
  readonly stderr?: WorkerOutput | undefined;
  /** Default: neither side ever looks. */
  readonly spin?: (() => SpinTimes) | undefined;
}

const FORMS = { outgoing: RUN_FRAMES, incoming: FINISHED_FRAMES } as const;

/** Milliseconds after which a thread that does not end is given up. Smaller: a slow machine abandons threads that would have ended. Larger: their replacement waits. */
const TERMINATE_LIMIT_MS = 200;

export class ThreadHost implements WorkerHost {
  readonly memory = "shared";
  readonly transport: TransportStats = { kind: "port", largeValues: "copy" };
  readonly #options: ThreadHostOptions;

  constructor(options: ThreadHostOptions) {
    this.#options = options;
  }

  start(workerIndex: number, listener: WorkerListener): WorkerHandle {
    return new ThreadWorker(workerIndex, listener, this.#options);
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

  constructor(workerIndex: number, listener: WorkerListener, options: ThreadHostOptions) {
    const { port1, port2 } = new MessageChannel();
    const claims = new SharedArrayBuffer(CLAIMS_SIZE);
    this.#listener = listener;
    this.claims = new SharedNearClaims(claims);
    this.#port = new PortChannel(port1, FORMS, () => this.#portClosed());
    const ring = openRing(options.spin?.());
    this.ring = new RingChannel({ inner: this.#port, side: "near", ...FORMS });
    this.ring.openRings({ memory: ring.memory });
    this.ring.listen(listener);
    this.#worker = this.#startThread({ dure: { port: port2, claims, ring } }, port2, `${options.name}-${workerIndex}`, options);
    this.info = { index: workerIndex, threadId: this.#worker?.threadId };
  }

  #startThread(start: ThreadStart, port: MessagePort, name: string, options: ThreadHostOptions): Worker | undefined {
    try {
      const worker = startWorker({ ...threadOptions(options), name, workerData: start, transferList: [port] });
      liveThreads.add(worker);
      worker.on("error", (error) => void (this.#error = error));
      worker.on("exit", (exitCode) => {
        liveThreads.delete(worker);
        this.#onExit(exitCode);
      });
      if (options.stdout === "ignore") worker.stdout.resume();
      if (options.stdout === "stderr") worker.stdout.on("data", (chunk: Uint8Array) => process.stderr.write(chunk));
      if (options.stderr === "ignore") worker.stderr.resume();
      return worker;
    } catch (error) {
      this.#error = error;
      // `start` must have returned before the pool hears of the end.
      setImmediate(() => this.#exit(null));
      return undefined;
    }
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

function openRing(spin: SpinTimes | undefined): ThreadStart["dure"]["ring"] {
  return { memory: new SharedArrayBuffer(RING_CHANNEL_SIZE), spinMs: spin?.worker ?? 0 };
}

function startWorker(options: WorkerOptions): Worker {
  const source = workerSource("thread");
  return "file" in source ? constructThread(source.file, options) : constructThread(source.code, { ...options, eval: true });
}

function threadOptions({ env, execArgv, resourceLimits, stdout, stderr }: ThreadHostOptions): WorkerOptions {
  return {
    ...(env && { env: definedOnly(env) }),
    ...(execArgv && { execArgv: [...execArgv] }),
    ...(resourceLimits && { resourceLimits: definedOnly<number>({ ...resourceLimits }) }),
    stdout: stdout === "ignore" || stdout === "stderr",
    stderr: stderr === "ignore",
  };
}

function definedOnly<T>(fields: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, T] => field[1] !== undefined));
}
