// Starts the one worker of a `Thread` or `Process` and speaks to it as a pool does, with a batch of one task. Behind the
// seam that keeps what executors work with out of `import "dure"`.

import { createPacker, createUnpacker } from "../../codec/codec.ts";
import type { Template } from "../../codec/template.ts";
import type { TaskFunction } from "../../contract/executor.ts";
import type { TaskProgress } from "../../contract/future.ts";
import type { SingleWorkerOptions } from "../../contract/options.ts";
import { startTimer } from "../../contract/timer.ts";
import { reportUnhandled } from "../../contract/unhandled.ts";
import { describeExit } from "../../pool/pool-errors.ts";
import { columnsOfTasks, outcomesOf } from "../../protocol/columns.ts";
import { PROTOCOL_VERSION, type FromWorker, type RunMessage, type WireValue } from "../../protocol/messages.ts";
import type { WorkerExit, WorkerHandle, WorkerHost } from "../../transport/worker-host.ts";
import type { HostOptions } from "./host-options.ts";
import { DEFAULT_CAPTURE_SIZE } from "./worker-settings.ts";

/** Milliseconds that the worker has to end once its function has. Smaller: exit handlers are cut short. Larger: one that hangs is waited for. */
const STOP_LIMIT_MS = 5_000;

/** What is run, and what it is run in. */
export interface SingleOrder {
  /** What it is, in messages: "thread", "process". */
  readonly kind: string;
  readonly name: string;
  readonly fn: unknown;
  readonly args: readonly unknown[];
  /** Checked. */
  readonly options: SingleWorkerOptions;
}

/** What becomes of it, in this order; `finished` and, before it, `ready` may be missing. */
export interface SingleListener {
  ready(): void;
  progress(progress: TaskProgress): void;
  /** The function has ended: `value` is its result or its error. */
  finished(ok: boolean, value: unknown): void;
  /** Exactly once, and last. `description` says how, in words. */
  exited(exit: WorkerExit, description: string): void;
}

/** Throws a `SerializationError` if the function or an argument cannot cross; nothing has been started then. */
export function startSingle(createHost: (options: HostOptions) => WorkerHost, order: SingleOrder, listener: SingleListener): WorkerHandle {
  const { env, execArgv, resourceLimits, stdout, stderr, maxCaptureSize = DEFAULT_CAPTURE_SIZE } = order.options;
  const host = createHost({ name: order.name, env, execArgv, resourceLimits, stdout, stderr });
  const [message, transfer] = pack(host, order, maxCaptureSize);
  const handle = new SingleRun(host, listener).handle;
  const start = { type: "start", version: PROTOCOL_VERSION, workerIndex: 0, poolName: order.name, initializer: undefined, reportMemory: false } as const;
  handle.send({ ...start, maxCaptureSize }, []);
  handle.send(message, transfer);
  return handle;
}

function pack(host: WorkerHost, { fn, args, options }: SingleOrder, maxCaptureSize: number): [message: RunMessage, transfer: readonly object[]] {
  const packer = createPacker({ memory: host.memory, maxCaptureSize });
  const packed = packer.packFunction(fn as TaskFunction<never[], unknown>);
  const packedArgs = packer.pack(args, "args", options.transfer);
  const wire = { id: 0, name: packed.name, value: packed.value, coded: packed.coded };
  const templates = [...new Set([...packed.templates, ...packedArgs.templates])];
  const message: RunMessage = { type: "run", templates, functions: [wire], tasks: columnsOfTasks([[0, -1, 0, packedArgs.value, packedArgs.coded, 1, 0]]) };
  return [message, [...packed.transfer, ...packedArgs.transfer]];
}

class SingleRun {
  readonly handle: WorkerHandle;
  readonly #listener: SingleListener;
  readonly #unpacker = createUnpacker();
  /** What comes while modules that its outcome needs are loading must not overtake it. */
  #loading: Promise<void> | undefined;
  #cancelStopLimit: () => void = () => {};

  constructor(host: WorkerHost, listener: SingleListener) {
    this.#listener = listener;
    this.handle = host.start(0, {
      message: (message) => this.#inOrder(() => this.#hear(message)),
      messageError: (error) => this.#inOrder(() => this.#finish(false, error)),
      exited: (exit) => this.#inOrder(() => this.#exit(exit)),
    });
  }

  #inOrder(happen: () => void): void {
    if (this.#loading === undefined) happen();
    else this.#loading = this.#loading.then(happen);
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        return this.#listener.ready();
      case "loading":
        return;
      case "finished":
        return this.#after(message.templates, () => outcomesOf(message.outcomes).forEach(([, ok, value, coded]) => this.#unpackOutcome(ok, { value, coded })));
      case "progress":
        return this.#listener.progress({ fraction: message.fraction, note: message.note });
      case "startFailed":
        return this.#after(message.templates, () => this.#finish(false, this.#unpackError(message.reason)));
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

  #unpackOutcome(ok: boolean, packed: WireValue): void {
    let unpacked: unknown;
    try {
      unpacked = this.#unpacker.unpack(packed);
    } catch (error) {
      return this.#finish(false, error);
    }
    this.#finish(ok, unpacked);
  }

  #unpackError(reason: WireValue): unknown {
    try {
      return this.#unpacker.unpack(reason);
    } catch (error) {
      return error;
    }
  }

  #finish(ok: boolean, value: unknown): void {
    this.#listener.finished(ok, value);
    this.handle.send({ type: "stop" }, []);
    this.#cancelStopLimit = startTimer(STOP_LIMIT_MS, () => void this.handle.kill());
  }

  #exit(exit: WorkerExit): void {
    this.#cancelStopLimit();
    this.#listener.exited(exit, describeExit(exit));
  }
}
