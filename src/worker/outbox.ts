// Holds outcomes back for a moment so that those of many short tasks leave as one message. For how long is said with each task:
// while it runs nothing can be sent. Should it crash the worker, or take long although its function never did, the pool finds
// them in the notes (outcome-notes.ts).

import { setImmediate } from "node:timers";
import type { Packed, Packer } from "../codec/crossing.ts";
import type { Template } from "../codec/template.ts";
import { columnsOfOutcomes, outcomesOf, OutcomeWriter, type OutcomeColumns } from "../protocol/columns.ts";
import type { FinishedMessage, FromWorker, WireValue, Writable } from "../protocol/messages.ts";
import type { Channel } from "../transport/channel.ts";
import { OutcomeNotes } from "../transport/outcome-notes.ts";

const NO_TRANSFER: readonly object[] = [];

export interface OutboxOptions {
  readonly channel: Channel<FromWorker, never>;
  readonly packer: Packer;
  /** Whether what is held back is noted with the task that begins next. */
  readonly hasNotes: boolean;
}

export class Outbox {
  readonly #channel: Channel<FromWorker, never>;
  readonly #packer: Packer;
  #memory: (() => number) | undefined;
  readonly #outcomes = new OutcomeWriter();
  #templates: Template[] = [];
  #transfer: object[] = [];
  /** When the call began that the first of `#outcomes` is of: what came of a long call leaves before the next one. */
  #oldest = 0;
  readonly #sentTemplates = new Set<number>();
  readonly #hasNotes: boolean;
  readonly #notes = new OutcomeNotes();
  /** Of an outcome that is held back, until it has been kept or sent. */
  #note: Uint8Array | undefined;
  /** Whether the latest outcome has no note yet. */
  #isUnnoted = false;
  #isFlushScheduled = false;

  constructor(options: OutboxOptions) {
    this.#channel = options.channel;
    this.#packer = options.packer;
    this.#hasNotes = options.hasNotes;
  }

  /** From now on `finished` messages say how many bytes of memory are in use. */
  reportMemory(memory: () => number): void {
    this.#memory = memory;
  }

  /** What must outlive this worker if the task that begins now ends it. Call `noted` once it is kept. */
  get note(): Uint8Array | undefined {
    return this.#note;
  }

  noted(): void {
    this.#note = undefined;
  }

  /** Packs a task's result. A result that cannot cross fails its task only. Returns whether there was nothing to pack. */
  succeed(taskId: number, result: unknown, endedAt: number, durationMs: number): boolean {
    const isPlain = isPlainPrimitive(result);
    if (isPlain) this.#add(taskId, true, { value: result, coded: false }, durationMs, endedAt);
    else this.#pack(taskId, result, endedAt, durationMs);
    return isPlain;
  }

  #pack(taskId: number, result: unknown, endedAt: number, durationMs: number): void {
    let packed: Packed;
    try {
      packed = this.#packer.pack(result, "result");
    } catch (error) {
      return this.fail(taskId, error, endedAt, durationMs);
    }
    this.#take(packed);
    this.#add(taskId, true, packed, durationMs, endedAt);
  }

  fail(taskId: number, error: unknown, endedAt: number, durationMs: number): void {
    const packed = this.#packer.packError(error);
    this.#take(packed);
    this.#add(taskId, false, packed, durationMs, endedAt);
  }

  #take(packed: Packed): void {
    for (const template of packed.templates)
      if (!this.#sentTemplates.has(template.id)) {
        this.#sentTemplates.add(template.id);
        this.#templates.push(template);
      }
    for (const object of packed.transfer) this.#transfer.push(object);
  }

  #add(taskId: number, ok: boolean, { value, coded }: WireValue, durationMs: number, endedAt: number): void {
    if (this.#outcomes.count === 0) this.#oldest = endedAt - durationMs;
    this.#outcomes.add(taskId, ok, value, coded, durationMs);
    this.#isUnnoted = this.#hasNotes;
  }

  /** Answers for a task that was taken back: it means nothing but that it has been passed. */
  pass(taskId: number, endedAt: number): void {
    if (this.#outcomes.count === 0) this.#oldest = endedAt;
    this.#outcomes.add(taskId, false, undefined, false, 0);
  }

  /** Called before a task starts: sends what has waited for more than `patience` milliseconds, or cannot be noted. Returns whether it did. */
  flushBefore(patience: number, now: number): boolean {
    if (this.#outcomes.count === 0) return false;
    if (patience > 0 && now - this.#oldest <= patience && this.#takeNote()) return false;
    this.flush();
    return true;
  }

  /** Whether nothing that is held back would be lost with the worker. */
  #takeNote(): boolean {
    if (!this.#isUnnoted) return true;
    this.#isUnnoted = false;
    // There is room for one note, and without its template a value cannot be read.
    if (this.#note !== undefined || this.#templates.length > 0 || this.#transfer.length > 0) return false;
    this.#note = this.#notes.encode(this.#outcomes.latest);
    return this.#note !== undefined;
  }

  /** Sends what is there once the event loop is reached: a task is waiting for something, and may do so for long. */
  flushSoon(): void {
    if (this.#isFlushScheduled || this.#outcomes.count === 0) return;
    this.#isFlushScheduled = true;
    setImmediate(() => {
      this.#isFlushScheduled = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.#outcomes.count === 0) return;
    const outcomes = this.#outcomes.take();
    const transfer = this.#transfer.length === 0 ? NO_TRANSFER : this.#transfer;
    if (transfer !== NO_TRANSFER) this.#transfer = [];
    this.#note = undefined;
    this.#isUnnoted = false;
    const templates = this.#takeTemplates();
    try {
      this.#sendFinished(outcomes, templates, transfer);
    } catch (error) {
      this.#sendOneByOne(outcomes, templates, error);
    }
  }

  /** An outcome that no message can carry must not take the others with it. What was to be moved is copied: which outcome it belongs to is not known here. */
  #sendOneByOne(outcomes: OutcomeColumns, templates: readonly Template[] | undefined, reason: unknown): void {
    this.#sendFinished(columnsOfOutcomes([]), templates, NO_TRANSFER);
    for (const outcome of outcomesOf(outcomes)) {
      try {
        this.#sendFinished(columnsOfOutcomes([outcome]), undefined, NO_TRANSFER);
      } catch {
        const packed = this.#packer.packError(reason);
        this.#sendFinished(columnsOfOutcomes([[outcome[0], false, packed.value, packed.coded, outcome[4]]]), undefined, NO_TRANSFER);
      }
    }
  }

  #sendFinished(outcomes: OutcomeColumns, templates: readonly Template[] | undefined, transfer: readonly object[]): void {
    const message: Writable<FinishedMessage> = { type: "finished", outcomes };
    if (templates !== undefined) message.templates = templates;
    if (this.#memory !== undefined) message.memory = this.#memory();
    this.#channel.send(message, transfer);
  }

  #takeTemplates(): readonly Template[] | undefined {
    if (this.#templates.length === 0) return undefined;
    const templates = this.#templates;
    this.#templates = [];
    return templates;
  }

  /** Sends an error that belongs to no task. */
  sendError(type: "startFailed" | "leftoverError", error: unknown): void {
    this.flush();
    const packed = this.#packer.packError(error);
    this.#take(packed);
    const reason: WireValue = { value: packed.value, coded: packed.coded };
    const templates = this.#takeTemplates();
    this.#channel.send({ type, reason, ...(templates && { templates }) }, NO_TRANSFER);
  }

  sendProgress(taskId: number, fraction: number, note: string | undefined): void {
    this.#channel.send({ type: "progress", taskId, fraction, note }, NO_TRANSFER);
  }
}

function isPlainPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol");
}
