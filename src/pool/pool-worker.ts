// One worker as the pool sees it: its handle, what it was sent and has not answered, and what it has been told once
// and for all (templates, functions). Writes the messages that go to it.

import type { PayloadSource } from "../codec/boundary.ts";
import type { Packed, Unpacker } from "../codec/crossing.ts";
import { shareRecord, type ShareHolder, type ShareRecord } from "../codec/values/shares.ts";
import { withBytes } from "../codec/values/with-bytes.ts";
import type { Template } from "../codec/template.ts";
import type { WorkerInfo } from "../contract/future.ts";
import type { Worker } from "../policy/worker.ts";
import { NO_TASKS, TaskWriter } from "../protocol/columns.ts";
import type { RunMessage, StartMessage, WireFunction, Writable } from "../protocol/messages.ts";
import type { Lookable } from "../transport/ring-channel.ts";
import type { WorkerExit, WorkerHandle, WorkerPayloads } from "../transport/worker-host.ts";
import type { Loss } from "./pool-errors.ts";
import { PoolTask } from "./pool-task.ts";
import { Runs, type Run } from "./runs.ts";
import type { FunctionHolder, SentFunction } from "./sent-function.ts";

const NOTHING: readonly never[] = [];

/** A `run` message while it is written. */
interface RunDraft {
  readonly tasks: TaskWriter;
  readonly patience: number;
  functions: WireFunction[] | undefined;
  templates: Template[] | undefined;
  transfer: object[] | undefined;
  /** The functions in it, to be taken back if it cannot be sent. */
  sent: SentFunction[] | undefined;
}

export class PoolWorker implements FunctionHolder, ShareHolder {
  readonly worker: Worker;
  readonly unpacker: Unpacker;
  readonly #handle: WorkerHandle;
  readonly runs: Runs;
  readonly #functions = new Set<SentFunction>();
  readonly #templates = new Set<number>();
  /** The shared values that it has been sent. */
  readonly #shares = new Map<number, ShareRecord>();
  #forgotten: number[] = [];
  #forgottenTemplates: number[] = [];
  /** What it has said since modules that its last message needs began to load. */
  heard: (() => void)[] | undefined = undefined;
  /** Why a message of it could not be read, if one could not. */
  garbledBy: unknown = undefined;
  /** How it ended, once it has. */
  exit: WorkerExit | undefined = undefined;
  /** The run for whose sake it was last loading modules. */
  loadingFor = -1;
  /** The run that its end is the end of; later ones had not begun. */
  #lastBegun: Run | undefined = undefined;
  #endedLoading = false;

  constructor(worker: Worker, handle: WorkerHandle, createUnpacker: (payloads: PayloadSource | undefined) => Unpacker) {
    this.worker = worker;
    this.unpacker = createUnpacker(handle.payloads);
    this.#handle = handle;
    this.runs = new Runs(handle.claims);
  }

  get info(): WorkerInfo {
    return this.#handle.info;
  }

  get payloads(): WorkerPayloads | undefined {
    return this.#handle.payloads;
  }

  get ring(): Lookable | undefined {
    return this.#handle.ring;
  }

  /** Whether it has come to the last task that it was sent, and could not say so in a long turn. */
  get isAtLast(): boolean {
    return this.ring?.isOpen !== true && this.runs.lastHasBegun;
  }

  get hasClaims(): boolean {
    return this.#handle.claims !== undefined;
  }

  get isForgetful(): boolean {
    return this.#forgotten.length > 0 || this.#forgottenTemplates.length > 0;
  }

  start(message: StartMessage): void {
    for (const template of message.initializer?.templates ?? NOTHING) this.#noteTemplate(template);
    this.#handle.send(message, NOTHING);
  }

  /** Sends the tasks in one message. `patience`: milliseconds that outcomes may be held back meanwhile. Throws if a message cannot carry them; then nothing has been sent. */
  run(tasks: readonly PoolTask[], nextRunId: () => number, patience: number): void {
    const draft: RunDraft = { tasks: new TaskWriter(), patience, functions: undefined, templates: undefined, transfer: undefined, sent: undefined };
    let added = 0;
    try {
      for (const task of tasks) {
        this.runs.add(task, nextRunId());
        added += 1;
        task.isSentTo(this);
        this.#write(task, draft);
      }
      this.#handle.send(this.#messageOf(draft), draft.transfer ?? NOTHING);
    } catch (error) {
      this.runs.removeLast(added);
      this.#unsend(draft);
      throw error;
    }
    if (!this.isForgetful) return;
    this.#forgotten = [];
    this.#forgottenTemplates = [];
  }

  #write(task: PoolTask, draft: RunDraft): void {
    // It is there until the task has ended.
    const fn = task.fn as SentFunction;
    if (!this.#functions.has(fn)) this.#writeFunction(fn, draft);
    const extras = this.#extrasOf(task);
    if (extras !== undefined) this.#writeExtras(extras, draft);
    const attempt = task.hasStarted ? task.attempts : task.attempts + 1;
    const { label, isStoppable } = task.order;
    // If it is stopped, what is held back would be lost with its worker.
    const patience = isStoppable ? 0 : draft.patience;
    draft.tasks.add(task.runId, task.slot, fn.wire.id, attempt, task.writeArguments(draft.tasks, extras), patience, label);
  }

  /** A worker that cannot see shared memory, or not yet, gets all in the message. */
  #extrasOf({ extras }: PoolTask): Packed | undefined {
    const { payloads } = this.#handle;
    return extras?.stored === undefined || payloads === undefined || payloads.canTake ? extras : withBytes(extras, payloads.values);
  }

  #writeFunction(fn: SentFunction, draft: RunDraft): void {
    this.#functions.add(fn);
    fn.holders.add(this);
    (draft.sent ??= []).push(fn);
    (draft.functions ??= []).push(fn.wire);
    this.#writeExtras(fn.packed, draft);
  }

  #writeExtras({ templates, transfer }: Packed, draft: RunDraft): void {
    if (templates.length > 0) this.#writeTemplates(templates, draft);
    if (transfer.length > 0) (draft.transfer ??= []).push(...transfer);
  }

  #writeTemplates(templates: readonly Template[], draft: RunDraft): void {
    for (const template of templates) {
      if (this.#templates.has(template.id)) continue;
      const share = this.#noteTemplate(template);
      (draft.templates ??= []).push(template);
      if (share !== undefined && share.transfer.length > 0) (draft.transfer ??= []).push(...share.transfer);
    }
  }

  #noteTemplate(template: Template): ShareRecord | undefined {
    this.#templates.add(template.id);
    const share = shareRecord(template);
    if (share === undefined) return undefined;
    this.#shares.set(template.id, share);
    share.holders.add(this);
    return share;
  }

  #messageOf({ tasks, functions, templates }: RunDraft): RunMessage {
    const message = this.#withForgotten({ type: "run", tasks: tasks.columns });
    if (templates !== undefined) message.templates = templates;
    if (functions !== undefined) message.functions = functions;
    return message;
  }

  #withForgotten(message: Writable<RunMessage>): Writable<RunMessage> {
    if (this.#forgotten.length > 0) message.forget = this.#forgotten;
    if (this.#forgottenTemplates.length > 0) message.forgetTemplates = this.#forgottenTemplates;
    return message;
  }

  #unsend({ sent, templates }: RunDraft): void {
    for (const fn of sent ?? NOTHING) {
      this.#functions.delete(fn);
      fn.holders.delete(this);
    }
    for (const template of templates ?? NOTHING) this.#templates.delete(template.id);
  }

  /** Aborts the signal of a run, at once where the worker can see the control words, and with the reason by message. */
  abort(runId: number, reason: { readonly value: unknown; readonly coded: boolean }): void {
    const run = this.runs.find(runId);
    if (run !== undefined) this.runs.abort(run);
    this.#handle.send({ type: "abort", taskId: runId, reason }, NOTHING);
  }

  hasTemplates(templates: readonly Template[]): boolean {
    return templates.every((template) => this.#templates.has(template.id));
  }

  /** How many of its runs its end is the end of. A task whose module ends the worker before it could begin is to blame as much as if it had. */
  countHit(): number {
    const first = this.runs.first();
    this.#endedLoading = first !== undefined && first.runId === this.loadingFor && !this.runs.hasBegun(first);
    const hit = this.#endedLoading ? 1 : this.runs.countBegun();
    this.#lastBegun = this.runs.at(hit - 1);
    return hit;
  }

  /** What it was doing when it ended. */
  get lastTask(): Loss | undefined {
    const task = this.#lastBegun?.task;
    return task instanceof PoolTask ? this.lossOf(task) : undefined;
  }

  /** How far it was with a task that is lost with it. */
  lossOf({ runId, label }: PoolTask): Loss {
    const last = this.#lastBegun?.runId ?? -1;
    if (runId === last) return { task: label, moment: this.#endedLoading ? "loading" : "running" };
    return { task: label, moment: runId < last ? "unreported" : "unbegun" };
  }

  /** A message of outcomes has been dealt with. */
  noteTaken(): void {
    this.#handle.payloads?.noteTaken();
  }

  forgetFunction(fn: SentFunction): void {
    if (this.#functions.delete(fn)) this.#forgotten.push(fn.wire.id);
  }

  /** Of a shared value. Nothing may be sent to it soon that could carry that along. */
  forgetTemplate(templateId: number): void {
    this.#shares.delete(templateId);
    if (!this.#templates.delete(templateId)) return;
    this.#forgottenTemplates.push(templateId);
    if (this.runs.isEmpty) this.sendForgotten();
  }

  /** Tells it what to forget, if it gets no tasks that could carry it along. */
  sendForgotten(): void {
    if (!this.isForgetful || this.exit !== undefined) return;
    this.#handle.send(this.#withForgotten({ type: "run", tasks: NO_TASKS }), NOTHING);
    this.#forgotten = [];
    this.#forgottenTemplates = [];
  }

  stop(): void {
    this.#handle.send({ type: "stop" }, NOTHING);
  }

  kill(): Promise<"gone" | "abandoned"> {
    return this.#handle.kill();
  }

  hold(isHeld: boolean): void {
    if (isHeld) this.#handle.ref();
    else this.#handle.unref();
  }

  /** It has exited: what it was given needs no forgetting. */
  close(exit: WorkerExit): void {
    this.exit = exit;
    this.runs.close();
    this.#handle.payloads?.close();
    for (const fn of this.#functions) fn.holders.delete(this);
    this.#functions.clear();
    for (const share of this.#shares.values()) share.holders.delete(this);
    this.#shares.clear();
  }
}
