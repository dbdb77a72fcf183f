// Workers that do exactly what a test says, and a clock that stands still until the test moves it: the whole pool runs
// deterministically, with nothing of the far side.

import assert from "node:assert/strict";
import type { StoredBytes } from "#dure/codec/boundary.js";
import type { Packed, PackedCall, PackedFunction, Packer, Unpacker } from "#dure/codec/crossing.js";
import type { Template } from "#dure/codec/template.js";
import type { Future } from "#dure/contract/future.js";
import type { TaskOptions } from "#dure/contract/options.js";
import { Pool, type PoolSettings } from "#dure/pool/pool.js";
import type { Clock, Timer } from "#dure/pool/clock.js";
import { columnsOfOutcomes, tasksOf } from "#dure/protocol/columns.js";
import type { FromWorker, RunMessage, ToWorker, WireTask } from "#dure/protocol/messages.js";
import { CLAIMS_SIZE, SharedFarClaims, SharedNearClaims, type NearClaims } from "#dure/transport/claims.js";
import type { Lookable } from "#dure/transport/ring-channel.js";
import type { WorkerExit, WorkerHandle, WorkerHost, WorkerListener, WorkerPayloads } from "#dure/transport/worker-host.js";

const NOTHING: readonly never[] = [];
export const DIED: WorkerExit = { exitCode: 1, signal: null, likelyCause: "process.exit", error: undefined };
const KILLED: WorkerExit = { exitCode: null, signal: "SIGKILL", likelyCause: "killed", error: undefined };
const STOPPED: WorkerExit = { exitCode: 0, signal: null, likelyCause: "unknown", error: undefined };

function finished(task: WireTask, value: unknown, ms: number, coded = false): FromWorker {
  return { type: "finished", outcomes: columnsOfOutcomes([[task[0], true, value, coded, ms]]) };
}

/** Holds what a worker has said until the pool looks. */
class ScriptedRing implements Lookable {
  isOpen = true;
  /** Whether the worker may count on that. */
  isSeen = false;
  readonly #listener: WorkerListener;
  #said: FromWorker[] = [];

  constructor(listener: WorkerListener) {
    this.#listener = listener;
  }

  say(message: FromWorker): void {
    this.#said.push(message);
  }

  setLooking(): void {}

  setBusy(isBusy: boolean): void {
    if (isBusy === this.isSeen) return;
    this.isSeen = isBusy;
    if (!isBusy) this.look();
  }

  deliverArrived(): void {
    this.look();
  }

  look(): boolean {
    const said = this.#said;
    this.#said = [];
    for (const message of said) this.#listener.message(message);
    return said.length > 0;
  }
}

/** A worker whose every move the test makes. */
export class ScriptedWorker implements WorkerHandle {
  readonly info;
  readonly claims: NearClaims | undefined;
  readonly far: SharedFarClaims | undefined;
  readonly ring: ScriptedRing;
  /** Told once a message of outcomes has been dealt with. */
  readonly payloads = { noteTaken: (): void => void (this.taken += 1), close: (): void => {} } as WorkerPayloads;
  taken = 0;
  readonly received: ToWorker[] = [];
  /** Sent and not taken up, in order. */
  readonly waiting: WireTask[] = [];
  isHeld = true;
  isGone = false;
  isKilled = false;
  /** What `kill()` resolves with. */
  end: "gone" | "abandoned" = "gone";
  /** Whether it ends by itself when told to stop. */
  stops = true;
  /** Thrown by the next `send` of tasks with this label. */
  unsendable: string | undefined;
  readonly #listener: WorkerListener;

  constructor(index: number, listener: WorkerListener, hasClaims: boolean) {
    this.info = { index };
    this.#listener = listener;
    this.ring = new ScriptedRing(listener);
    const words = new SharedArrayBuffer(CLAIMS_SIZE);
    this.claims = hasClaims ? new SharedNearClaims(words) : undefined;
    this.far = hasClaims ? new SharedFarClaims(words) : undefined;
  }

  send(message: ToWorker): void {
    if (this.isGone) return;
    if (message.type === "run" && tasksOf(message.tasks).some((task) => task[7] === this.unsendable && task[7] !== undefined))
      throw new Error("could not be cloned");
    this.received.push(message);
    if (message.type === "run") this.waiting.push(...tasksOf(message.tasks));
    if (message.type === "stop" && this.stops) queueMicrotask(() => this.exit(STOPPED));
  }

  kill(): Promise<"gone" | "abandoned"> {
    this.isKilled = true;
    this.exit(KILLED);
    return Promise.resolve(this.end);
  }

  ref(): void {
    this.isHeld = true;
  }

  unref(): void {
    this.isHeld = false;
  }

  say(message: FromWorker): void {
    this.#listener.message(message);
  }

  garble(error: unknown): void {
    this.#listener.messageError(error);
  }

  ready(): void {
    this.say({ type: "ready", version: 1 });
  }

  exit(exit: WorkerExit = DIED): void {
    if (this.isGone) return;
    this.isGone = true;
    this.#listener.exited(exit);
  }

  /** Begins the next task that was not taken back. `note`: of an outcome that is held back. */
  begin(note?: Uint8Array): WireTask {
    for (let task = this.waiting.shift(); task !== undefined; task = this.waiting.shift()) {
      if (task[1] < 0 || this.far?.begin(task[1], note) !== false) return task;
    }
    throw new Error("the worker was given no task to begin");
  }

  finish(task: WireTask, value: unknown, ms = 10): void {
    this.say(finished(task, value, ms));
  }

  fail(task: WireTask, error: unknown, ms = 10): void {
    this.say({ type: "finished", outcomes: columnsOfOutcomes([[task[0], false, error, false, ms]]) });
  }

  /** Begins the next task and finishes it. */
  do(value: unknown, ms = 10): void {
    this.finish(this.begin(), value, ms);
  }

  /** The same, found when the pool looks. */
  doInRing(value: unknown, { ms = 10, coded = false }: { ms?: number; coded?: boolean } = {}): void {
    this.ring.say(finished(this.begin(), value, ms, coded));
  }

  /** Messages with tasks. */
  get runs(): RunMessage[] {
    return this.received.filter((message) => message.type === "run");
  }
}

export class ScriptedHost implements WorkerHost {
  readonly memory = "shared";
  readonly transport = { kind: "call", largeValues: "reference" } as const;
  readonly workers: ScriptedWorker[] = [];
  readonly #hasClaims: boolean;

  constructor(hasClaims = true) {
    this.#hasClaims = hasClaims;
  }

  start(workerIndex: number, listener: WorkerListener): WorkerHandle {
    const worker = new ScriptedWorker(workerIndex, listener, this.#hasClaims);
    this.workers.push(worker);
    return worker;
  }

  /** The worker that was started as the `n`th. */
  worker(n: number): ScriptedWorker {
    const worker = this.workers[n];
    if (worker === undefined) throw new Error(`worker ${n} was never started`);
    return worker;
  }
}

/** Time passes when the test says so. */
export class ScriptedClock implements Clock {
  #now = 1_000;
  readonly timers: Set<{ readonly at: number; readonly callback: () => void; isHeld: boolean }> = new Set();

  now(): number {
    return this.#now;
  }

  setTimer(ms: number, callback: () => void): Timer {
    const timer = { at: this.#now + ms, callback, isHeld: false };
    this.timers.add(timer);
    return { cancel: () => this.timers.delete(timer), hold: (isHeld) => void (timer.isHeld = isHeld) };
  }

  /** Lets time pass, then the microtasks of what came due. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let due = this.#nextBefore(end); due !== undefined; due = this.#nextBefore(end)) {
      this.timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
      await turn();
    }
    this.#now = end;
  }

  #nextBefore(end: number) {
    return [...this.timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets all microtasks run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Counts the reasons for which a value must stay in shared memory. */
class ScriptedBytes implements StoredBytes {
  readonly at = 0;
  readonly size = 0;
  holders = 1;

  hold(): void {
    assert.ok(this.holders > 0, "a value is held that is gone");
    this.holders += 1;
  }

  letGo(): void {
    assert.ok(this.holders > 0, "a value is let go of that is gone");
    this.holders -= 1;
  }
}

/** Values cross as they are; functions by name, with a template each if asked for. */
export class ScriptedCrossing implements Packer, Unpacker {
  readonly defined: Template[] = [];
  /** What `define` waits for. */
  loading: Promise<void> | undefined;
  constant = true;
  templates: readonly Template[] = NOTHING;
  transfer: readonly object[] = NOTHING;
  /** Whether values lie in shared memory, and where each is then. */
  storesValues = false;
  readonly stored = new Map<unknown, ScriptedBytes>();

  packFunction(fn: (...args: never[]) => unknown): PackedFunction {
    if (fn.name === "uncrossable") throw new TypeError("the function cannot cross");
    return { value: fn.name, coded: true, templates: this.templates, transfer: NOTHING, name: fn.name, key: fn.name, constant: this.constant };
  }

  packCall(fn: (...args: never[]) => unknown, args: unknown[]): PackedCall {
    return { fn: this.packFunction(fn), args: this.pack(args) };
  }

  pack(value: unknown): Packed {
    if (Array.isArray(value) && value.includes("uncrossable")) throw new TypeError("the value cannot cross");
    if (!this.storesValues) return { value, coded: false, templates: NOTHING, transfer: this.transfer };
    const bytes = new ScriptedBytes();
    this.stored.set((value as unknown[])[0], bytes);
    return { value, coded: false, templates: NOTHING, transfer: NOTHING, stored: [bytes] };
  }

  packError(error: unknown): Packed {
    return { value: error, coded: false, templates: NOTHING, transfer: NOTHING };
  }

  define(templates: readonly Template[]): Promise<void> | undefined {
    this.defined.push(...templates);
    return this.loading;
  }

  forget(): void {}

  unpack({ value }: { readonly value: unknown }): unknown {
    if (value === "cannot be unpacked") throw new TypeError("the result cannot be unpacked");
    return value;
  }
}

export function work(...args: unknown[]): unknown {
  return args;
}

/** A pool of scripted workers, and the means to move them. */
export class Stage {
  readonly host: ScriptedHost;
  readonly clock: ScriptedClock = new ScriptedClock();
  readonly crossing: ScriptedCrossing = new ScriptedCrossing();
  readonly pool: Pool;

  constructor(settings: Partial<PoolSettings> = {}, { hasClaims = true }: { hasClaims?: boolean } = {}) {
    this.host = new ScriptedHost(hasClaims);
    this.pool = new Pool({
      kind: "scripted",
      name: "scripted",
      host: this.host,
      packer: this.crossing,
      createUnpacker: () => this.crossing,
      maxWorkers: 1,
      idleTimeout: Infinity,
      clock: this.clock,
      ...settings,
    });
  }

  submit(options: TaskOptions = {}, ...args: unknown[]): Future<unknown> {
    const future = this.pool.submit(work, args, options);
    // Tests look at failures when they have moved everything, which may be later than a turn.
    void future.catch(() => {});
    return future;
  }

  /** Starts the worker by submitting a task that it finishes in `ms`, so that the run time of `work` is known. */
  async warm(ms = 10): Promise<ScriptedWorker> {
    const future = this.submit();
    await turn();
    const worker = this.host.worker(0);
    worker.ready();
    worker.do("warm", ms);
    await future;
    return worker;
  }
}

/** What a future failed or was cancelled with. */
export async function reasonOf(future: Future<unknown>): Promise<unknown> {
  return future.then(
    () => assert.fail("the future succeeded"),
    (error: unknown) => error,
  );
}
