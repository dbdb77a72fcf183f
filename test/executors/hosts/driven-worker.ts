// A worker of any host, driven as a pool would: functions go through the codec, outcomes come back unpacked.

import { createByReferencePacker, createByReferenceUnpacker } from "#dure/codec/by-reference-crossing.js";
import { createPacker, createUnpacker } from "#dure/codec/codec.js";
import type { Packer, Unpacker } from "#dure/codec/crossing.js";
import type { Template } from "#dure/codec/template.js";
import { ProcessHost } from "#dure/executors/processes/process-host.js";
import { ThreadHost } from "#dure/executors/threads/thread-host.js";
import { columnsOfTasks, outcomesOf } from "#dure/protocol/columns.js";
import { PROTOCOL_VERSION } from "#dure/protocol/messages.js";
import type { FromWorker, StartMessage, WireFunction } from "#dure/protocol/messages.js";
import type { WorkerExit, WorkerHandle, WorkerHost } from "#dure/transport/worker-host.js";
import { LocalHost } from "#dure/worker/local-host.js";

export type AnyFunction = (...args: never[]) => unknown;

/** What becomes of a worker's standard output and error. */
export interface HostOptions {
  readonly env?: Record<string, string | undefined>;
  readonly execArgv?: readonly string[];
  readonly resourceLimits?: { readonly maxOldGenerationSizeMb?: number; readonly stackSizeMb?: number };
  readonly stdout?: "inherit" | "ignore";
  readonly stderr?: "inherit" | "ignore";
  readonly spin?: () => { readonly worker: number; readonly caller: number };
}

export interface HostKind {
  readonly kind: "local" | "threads" | "processes";
  create(options?: HostOptions): WorkerHost;
}

const local: HostKind = {
  kind: "local",
  create: () => new LocalHost({ createCrossing: () => ({ packer: createByReferencePacker(), unpacker: createByReferenceUnpacker() }) }),
};
const threads: HostKind = { kind: "threads", create: (options) => new ThreadHost({ name: "threads", ...options }) };
const processes: HostKind = { kind: "processes", create: (options) => new ProcessHost({ name: "processes", ...options }) };

export const everyHost: readonly HostKind[] = [local, threads, processes];
/** Those whose workers can be ended from outside. */
export const realHosts: readonly HostKind[] = [threads, processes];

export interface Outcome {
  readonly taskId: number;
  readonly ok: boolean;
  readonly value: unknown;
}

const boundary = { maxCaptureSize: 1024 * 1024 };

const driven = new Set<DrivenWorker>();

/** After each test, so that one that fails leaves nothing running. */
export async function killAllDriven(): Promise<void> {
  await Promise.all([...driven].map(({ handle }) => handle.kill()));
  driven.clear();
}

export class DrivenWorker {
  readonly handle: WorkerHandle;
  readonly heard: FromWorker[] = [];
  readonly outcomes: Outcome[] = [];
  readonly leftovers: unknown[] = [];
  readonly messageErrors: unknown[] = [];
  readonly exits: WorkerExit[] = [];
  readonly packer: Packer;
  readonly #unpacker: Unpacker;
  readonly #sentTemplates = new Set<number>();
  #nextFunction = 1;
  #nextTask = 1;
  #wake: () => void = () => {};

  constructor(kind: HostKind, options?: HostOptions, start: Partial<StartMessage> = {}) {
    const memory = kind.kind === "processes" ? "separate" : "shared";
    this.packer = kind.kind === "local" ? createByReferencePacker() : createPacker({ ...boundary, memory });
    this.#unpacker = kind.kind === "local" ? createByReferenceUnpacker() : createUnpacker();
    this.handle = kind.create(options).start(2, {
      message: (message) => this.#hear(message),
      messageError: (error) => this.#woken(() => this.messageErrors.push(error)),
      exited: (exit) => this.#woken(() => this.exits.push(exit)),
    });
    driven.add(this);
    this.handle.send(
      {
        type: "start",
        version: PROTOCOL_VERSION,
        workerIndex: 2,
        poolName: kind.kind,
        initializer: undefined,
        reportMemory: false,
        maxCaptureSize: Infinity,
        ...start,
      },
      [],
    );
  }

  #woken(record: () => void): void {
    record();
    this.#wake();
  }

  #hear(message: FromWorker): void {
    this.heard.push(message);
    if ("templates" in message && message.templates !== undefined) void this.#unpacker.define(message.templates);
    if (message.type === "finished") {
      for (const [taskId, ok, value, coded] of outcomesOf(message.outcomes)) this.outcomes.push({ taskId, ok, value: this.#unpacker.unpack({ value, coded }) });
    } else if (message.type === "leftoverError" || message.type === "startFailed") this.leftovers.push(this.#unpacker.unpack(message.reason));
    this.#wake();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => void (this.#wake = resolve));
  }

  async ready(): Promise<this> {
    await this.until(() => this.heard.some(({ type }) => type === "ready") || this.exits.length > 0);
    return this;
  }

  /** Sends a batch and returns the ids of its tasks. */
  send(calls: readonly (readonly [fn: AnyFunction, ...args: unknown[]])[], slots: readonly number[] = []): number[] {
    const functions: WireFunction[] = [];
    const templates: Template[] = [];
    const transfer: object[] = [];
    const tasks = calls.map(([fn, ...args], index) => {
      const packedFunction = this.packer.packFunction(fn);
      const packedArgs = this.packer.pack(args, "args");
      templates.push(...this.#unsent(packedFunction.templates), ...this.#unsent(packedArgs.templates));
      const id = this.#nextFunction++;
      functions.push({ id, name: packedFunction.name, value: packedFunction.value, coded: packedFunction.coded });
      return [this.#nextTask++, slots[index] ?? -1, id, packedArgs.value, packedArgs.coded, 1, 0.25] as const;
    });
    this.handle.send({ type: "run", templates, functions, tasks: columnsOfTasks(tasks) }, transfer);
    return tasks.map(([id]) => id);
  }

  #unsent(templates: readonly Template[]): readonly Template[] {
    const unsent = templates.filter(({ id }) => !this.#sentTemplates.has(id));
    for (const { id } of unsent) this.#sentTemplates.add(id);
    return unsent;
  }

  /** Runs one task to its outcome. Fails if the worker exits instead. */
  async run(fn: AnyFunction, ...args: unknown[]): Promise<Outcome> {
    const [id] = this.send([[fn, ...args]]);
    await this.until(() => this.outcomes.some(({ taskId }) => taskId === id) || this.exits.length > 0);
    const outcome = this.outcomes.find(({ taskId }) => taskId === id);
    if (outcome === undefined) throw new Error(`The worker exited: ${JSON.stringify(this.exits)}`);
    return outcome;
  }

  async exited(): Promise<WorkerExit> {
    await this.until(() => this.exits.length > 0);
    return this.exits[0]!;
  }

  /** Ends the worker as a pool does, and waits. */
  async stop(): Promise<WorkerExit> {
    this.handle.send({ type: "stop" }, []);
    return this.exited();
  }
}
