// A far side whose channel the test holds: what it sends is seen at once, and what it is sent arrives at once.

import { createByReferencePacker, createByReferenceUnpacker } from "#dure/codec/by-reference-crossing.js";
import type { Template } from "#dure/codec/template.js";
import { columnsOfTasks, outcomesOf } from "#dure/protocol/columns.js";
import { PROTOCOL_VERSION } from "#dure/protocol/messages.js";
import type { FromWorker, RunMessage, StartMessage, ToWorker, WireOutcome, WireTask } from "#dure/protocol/messages.js";
import type { ChannelListener } from "#dure/transport/channel.js";
import { CLAIMS_SIZE, SharedFarClaims, SharedNearClaims } from "#dure/transport/claims.js";
import { FarSide } from "#dure/worker/far-side.js";
import type { FarSideOptions } from "#dure/worker/far-side.js";
import { AsyncTaskScope } from "#dure/worker/task-scope.js";

type AnyFunction = (...args: never[]) => unknown;

const scope = new AsyncTaskScope();

export class FarSideDriver {
  readonly sent: FromWorker[] = [];
  readonly #words = new SharedArrayBuffer(CLAIMS_SIZE);
  readonly claims = new SharedNearClaims(this.#words);
  readonly farSide: FarSide;
  exitCode: number | undefined;
  /** Throws what a channel throws that cannot carry the message. */
  refuse: (message: FromWorker) => void = () => {};
  #listener: ChannelListener<ToWorker> | undefined;
  #arrived: ToWorker[] = [];
  #wake: () => void = () => {};
  #functions = new Map<AnyFunction, number>();
  #nextTask = 1;

  constructor(options: Partial<FarSideOptions> = {}) {
    this.farSide = new FarSide({
      packer: createByReferencePacker(),
      unpacker: createByReferenceUnpacker(),
      claims: new SharedFarClaims(this.#words),
      scope,
      memory: () => 4096,
      end: (exitCode) => void (this.exitCode = exitCode),
      channel: {
        listen: (listener) => void (this.#listener = listener),
        send: (message) => this.#hear(message),
        deliverArrived: () => this.#deliverArrived(),
        close() {},
      },
      ...options,
    });
    this.farSide.listen();
  }

  #hear(message: FromWorker): void {
    this.refuse(message);
    this.sent.push(message);
    this.#wake();
  }

  /** Resolves once what has been sent satisfies `condition`. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => void (this.#wake = resolve));
  }

  send(message: ToWorker): void {
    this.#listener?.message(message);
  }

  /** Arrives only when the far side looks, as for a worker in a synchronous loop. */
  sendLater(message: ToWorker): void {
    this.#arrived.push(message);
  }

  #deliverArrived(): void {
    for (const message of this.#arrived.splice(0)) this.send(message);
  }

  start(message: Partial<StartMessage> = {}): void {
    this.send({
      type: "start",
      version: PROTOCOL_VERSION,
      workerIndex: 3,
      poolName: "pool",
      initializer: undefined,
      reportMemory: false,
      maxCaptureSize: Infinity,
      ...message,
    });
  }

  async started(message: Partial<StartMessage> = {}): Promise<this> {
    this.start(message);
    await this.until(() => this.sent.some(({ type }) => type === "ready"));
    return this;
  }

  /** Sends a batch of calls and returns the ids of its tasks, from 1 on. */
  run(
    calls: readonly (readonly [fn: AnyFunction, ...args: unknown[]])[],
    options: { readonly slots?: readonly number[]; readonly label?: string; readonly patience?: number; readonly templates?: readonly Template[] } = {},
  ): number[] {
    const functions = [];
    const tasks: WireTask[] = [];
    for (const [index, [fn, ...args]] of calls.entries()) {
      if (!this.#functions.has(fn)) functions.push({ id: this.#functions.size + 1, name: fn.name, value: fn, coded: false });
      const functionId = this.#functions.get(fn) ?? this.#functions.size + 1;
      this.#functions.set(fn, functionId);
      const slot = options.slots?.[index] ?? this.claims.offer();
      const { label, patience = 0.25 } = options;
      if (label === undefined) tasks.push([this.#nextTask++, slot, functionId, args, false, 1, patience]);
      else tasks.push([this.#nextTask++, slot, functionId, args, false, 2, patience, label]);
    }
    const message: RunMessage = { type: "run", functions, tasks: columnsOfTasks(tasks), ...(options.templates && { templates: options.templates }) };
    this.send(message);
    return tasks.map(([id]) => id);
  }

  get outcomes(): WireOutcome[] {
    return this.sent.flatMap((message) => (message.type === "finished" ? outcomesOf(message.outcomes) : []));
  }

  /** Task id, success, value. */
  get results(): [number, boolean, unknown][] {
    return this.outcomes.map(([id, ok, value]) => [id, ok, value]);
  }

  /** Runs a batch and resolves to its outcomes: success and value. */
  async answers(calls: Parameters<FarSideDriver["run"]>[0], options?: Parameters<FarSideDriver["run"]>[1]): Promise<[boolean, unknown][]> {
    const ids = this.run(calls, options);
    await this.until(() => this.outcomes.some(([id]) => id === ids.at(-1)));
    return this.results.filter(([id]) => ids.includes(id)).map(([, ok, value]) => [ok, value]);
  }
}
