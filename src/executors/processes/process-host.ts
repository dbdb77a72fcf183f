// Starts the workers of the process rung and talks to each over sockets of its own: Node's IPC is slower, and the user's
// code may use it.

import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import type { WorkerDeathCause } from "../../contract/errors.ts";
import type { TransportStats } from "../../contract/executor.ts";
import type { WorkerInfo } from "../../contract/future.ts";
import type { FromWorker, ToWorker } from "../../protocol/messages.ts";
import type { ChannelListener } from "../../transport/channel.ts";
import type { NearClaims } from "../../transport/claims.ts";
import { FileNearClaims } from "../../transport/file-claims.ts";
import type { NearPayloads, ProcessPayloads } from "../../transport/near-payloads.ts";
import { isAboutMemory, type FromWorkerAboutMemory, type ToWorkerAboutMemory } from "../../transport/memory-messages.ts";
import { ProcessNearClaims } from "../../transport/process-claims.ts";
import { INCOMING, OUTGOING } from "../../transport/process-descriptors.ts";
import type { MappedMemory } from "../../transport/mapped-memory.ts";
import { createProcessMemory, offerOf, ringsIn } from "../../transport/process-memory.ts";
import { RingChannel, type Doorbell } from "../../transport/ring-channel.ts";
import { FINISHED_FRAMES, RUN_FRAMES } from "../../transport/ring-frames.ts";
import { SocketChannel } from "../../transport/socket-channel.ts";
import type { WorkerHandle, WorkerHost, WorkerListener } from "../../transport/worker-host.ts";
import type { HostOptions } from "../pooled/host-options.ts";
import { CONNECTION_CLOSED, whenItLivesOn } from "../pooled/lost-connection.ts";
import { beginProcess, type BegunProcess } from "./begin-process.ts";
import { sendCode } from "./command-line.ts";
import { exitCause } from "./exit-cause.ts";
import { killGroup } from "./kill-group.ts";
import { orphanGuard } from "./orphan-guard.ts";

/** Milliseconds to wait, after a process has ended, for a descendant that holds its socket open. */
const LAST_MESSAGES_LIMIT_MS = 1000;

const NOTHING: readonly never[] = [];

export class ProcessHost implements WorkerHost {
  readonly memory = "separate";
  readonly payloads: NearPayloads | undefined;
  readonly #options: HostOptions;
  #begun: BegunProcess | undefined;

  /** `payloads`: of a pool. A single process has too little to send. `begun`: the first worker's process, if it has been begun in this turn. */
  constructor(options: HostOptions, payloads?: NearPayloads, begun?: BegunProcess) {
    this.#options = options;
    this.payloads = payloads;
    this.#begun = begun;
  }

  get transport(): TransportStats {
    return this.payloads?.transport ?? { kind: "socket", largeValues: "socket" };
  }

  start(workerIndex: number, listener: WorkerListener): WorkerHandle {
    const begun = this.#begun;
    this.#begun = undefined;
    return new ProcessWorker(workerIndex, listener, this.#options, this.payloads, begun);
  }
}

type ProcessSocket = SocketChannel<ToWorker | ToWorkerAboutMemory | Doorbell, FromWorker | FromWorkerAboutMemory | Doorbell>;

class ProcessWorker implements WorkerHandle {
  readonly info: WorkerInfo;
  readonly claims: NearClaims | undefined;
  readonly payloads: ProcessPayloads | undefined;
  readonly ring: RingChannel<ToWorker | ToWorkerAboutMemory, FromWorker | FromWorkerAboutMemory> | undefined;
  readonly #listener: WorkerListener;
  /** Both undefined if the process could not be made. */
  readonly #child: ChildProcess | undefined;
  readonly #socket: ProcessSocket | undefined;
  /** The file of control words. */
  readonly #words: FileNearClaims | undefined;
  readonly #claims: ProcessNearClaims | undefined;
  /** Once it is worth having. */
  #memory: MappedMemory | undefined;
  #error: unknown;
  #isKilled = false;
  #hasSpoken = false;
  #hasExited = false;
  #stopWaiting: (() => void) | undefined;
  readonly #gone: Promise<"gone">;
  #announceGone!: (gone: "gone") => void;

  constructor(workerIndex: number, listener: WorkerListener, options: HostOptions, payloads: NearPayloads | undefined, begun?: BegunProcess) {
    this.#listener = listener;
    this.#gone = new Promise((resolve) => void (this.#announceGone = resolve));
    const { child, error, claims } = begun ?? beginProcess(options);
    this.#words = claims === undefined ? undefined : new FileNearClaims(claims);
    this.#claims = this.#words && new ProcessNearClaims(this.#words, () => this.#shareMemory(0));
    this.claims = this.#claims;
    this.#child = child;
    this.#error = error;
    this.#watch(child);
    this.#socket = this.#child?.pid === undefined ? undefined : this.#connect(this.#child);
    this.ring = this.#socket && new RingChannel({ inner: this.#socket, side: "near", outgoing: RUN_FRAMES, incoming: FINISHED_FRAMES });
    this.ring?.listen(this.#listenerOfChannel());
    this.info = { index: workerIndex, pid: this.#child?.pid };
    this.payloads = payloads?.addWorker((offer) => this.ring?.send(offer, NOTHING));
    const { worker = 0, caller = 0 } = options.spin?.() ?? {};
    if (worker > 0 || caller > 0) this.#shareMemory(worker);
  }

  /** Nothing is lost if it cannot be had. */
  #shareMemory(spinMs: number): void {
    if (this.#claims === undefined || this.#memory !== undefined) return;
    this.#memory = createProcessMemory();
    if (this.#memory !== undefined) this.ring?.send(offerOf(this.#memory, spinMs), NOTHING);
  }

  /** The worker sees it, too. */
  #useMemory(memory: MappedMemory): void {
    this.#claims?.map(memory.buffer);
    this.ring?.openRings(ringsIn(memory));
    this.payloads?.noteMapped();
  }

  #watch(child: ChildProcess | undefined): void {
    child?.on("error", (error) => this.#onError(error));
    child?.on("exit", (exitCode, signal) => this.#onExit(exitCode, signal));
    // `start` must have returned before the pool hears of the end.
    if (child === undefined) setImmediate(() => this.#exit(null, null));
  }

  #connect(child: ChildProcess): ProcessSocket {
    orphanGuard.watch(child.pid!);
    const outgoing = child.stdio[INCOMING] as Socket;
    sendCode(outgoing);
    return new SocketChannel({
      incoming: child.stdio[OUTGOING] as Socket,
      outgoing,
      forms: { outgoing: RUN_FRAMES, incoming: FINISHED_FRAMES },
      putDown: (parts) => this.payloads?.putDown(parts),
      closed: () => void (this.#stopWaiting ??= whenItLivesOn(() => this.#disconnect(new Error(CONNECTION_CLOSED)))),
      garbled: (error) => this.#disconnect(error),
    });
  }

  #disconnect(error: unknown): void {
    this.#error ??= error;
    void this.kill();
  }

  #listenerOfChannel(): ChannelListener<FromWorker | FromWorkerAboutMemory> {
    return {
      message: (message) => {
        this.#hasSpoken = true;
        if (!isAboutMemory(message)) this.#listener.message(message);
        else if (message.type === "memoryWordsOpened") this.#useMemory(this.#memory as MappedMemory);
        else this.payloads?.heard(message, this.#listener);
      },
      messageError: (error) => this.#listener.messageError(error),
    };
  }

  send(message: ToWorker, transfer: readonly object[]): void {
    this.ring?.send(message, transfer);
  }

  kill(): Promise<"gone"> {
    if (!this.#hasExited && this.#child?.pid !== undefined) {
      this.#isKilled = true;
      killGroup(this.#child.pid);
    }
    return this.#gone;
  }

  /** Also if the process could not be started, and then no 'exit' follows. */
  #onError(error: unknown): void {
    this.#error = error;
    if (this.#child?.pid === undefined) setImmediate(() => this.#exit(null, null));
  }

  #onExit(exitCode: number | null, signal: NodeJS.Signals | null): void {
    const exit = (): void => {
      clearTimeout(timer);
      this.#exit(exitCode, signal);
    };
    // What the process has written last may still be on its way.
    const timer = setTimeout(exit, LAST_MESSAGES_LIMIT_MS);
    if (this.#socket === undefined) exit();
    else this.#socket.onceAllHasArrived(exit);
  }

  #exit(exitCode: number | null, signal: NodeJS.Signals | null): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    this.#stopWaiting?.();
    // What it has left in the ring.
    this.ring?.deliverArrived();
    if (this.#child?.pid !== undefined) orphanGuard.forget(this.#child.pid);
    this.ring?.close();
    this.#words?.close();
    this.#claims?.close();
    this.#memory?.release();
    this.#listener.exited({ exitCode, signal, likelyCause: this.#causeOf(exitCode, signal), error: this.#error });
    this.#announceGone("gone");
  }

  #causeOf(exitCode: number | null, signal: NodeJS.Signals | null): WorkerDeathCause {
    const hasStarted = this.#hasSpoken || this.#words?.hasStarted === true;
    return exitCause({ exitCode, signal, isKilled: this.#isKilled, hasStarted, abortCalled: this.#words?.abortCalled === true });
  }

  ref(): void {
    if (this.#hasExited) return;
    this.#child?.ref();
    this.#socket?.ref();
  }

  unref(): void {
    this.#child?.unref();
    this.#socket?.unref();
  }
}
