// The pool's side of the memory that large values cross in. Made for a pool of processes; the memory is created with the
// first large value, and gone with the last worker.

import { totalmem } from "node:os";
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers";
import type { PayloadSource, StoredBytes } from "../codec/boundary.ts";
import type { TransportStats } from "../contract/executor.ts";
import type { FromWorker } from "../protocol/messages.ts";
import type { ChannelListener } from "./channel.ts";
import { decodeCompact } from "./compact-frames.ts";
import { StepReader, WORTH_A_HEAD_START, type Announce } from "./head-start.ts";
import { FrameReader, FrameWriter, isLarge } from "./memory-frames.ts";
import {
  READ_BY_POOL_WORD,
  READ_BY_WORKER_WORD,
  TAKEN_WORD,
  type FromWorkerAboutValues,
  type MemoryFrame,
  type MemoryOffer,
  type MemoryOpened,
  type ValueComing,
} from "./memory-messages.ts";
import { SharedStore, WORTH_FROM } from "./payload-store.ts";
import { FINISHED_FRAMES } from "./ring-frames.ts";
import { createSharedBytes, placeOf, readBytes, type NoSharedBytes, type SharedBytes } from "./shared-bytes.ts";
import type { PoolPayloads, WorkerPayloads } from "./worker-host.ts";

/** Which part of the memory that there is values may take up while they cross. What is beyond goes through the socket. */
const SHARE_OF_MEMORY = 4;

/** Milliseconds for which a pool looks at each turn whether a worker has written more. Longer: turns are spent on a worker that is held up. */
const PATIENCE_MS = 2;

export class NearPayloads implements PoolPayloads, PayloadSource {
  readonly #size: number;
  #store: SharedStore | undefined;
  readonly #workers = new Set<ProcessPayloads>();
  /** Why nothing can be put down. */
  #refusal: string | undefined;
  /** Why it is not mapped, if one side cannot. */
  #whyFile: string | undefined;
  #isKnown = false;
  #isMapped = false;
  #nextReceiver: () => WorkerPayloads | undefined = () => undefined;

  /** `size`: bytes that values may take up while they cross, by direction. */
  constructor(size: number = defaultSize()) {
    this.#size = size;
  }

  get worthFrom(): number {
    return this.#isMapped ? WORTH_FROM.mapped : WORTH_FROM.else;
  }

  /** Workers have loaded what it takes to map memory. */
  noteMapped(): void {
    this.#isMapped = true;
  }

  /** Undefined if there is no memory, or no room. */
  put(bytes: Uint8Array): StoredBytes | undefined {
    return this.#open()?.put(bytes, bytes.byteLength < WORTH_A_HEAD_START ? undefined : this.#nextReceiver()?.announce);
  }

  askNextReceiver(nextReceiver: () => WorkerPayloads | undefined): void {
    this.#nextReceiver = nextReceiver;
  }

  /** What `put` has put down, for a worker that cannot see it. */
  take(at: number, size: number): ArrayBuffer {
    // Whoever has a place has put something down, so there is memory.
    return readBytes((this.#store as SharedStore).bytes, at, size);
  }

  /** What large values travel in, or would. */
  get transport(): TransportStats {
    this.#findOut();
    if (this.#refusal !== undefined) return { kind: "socket", largeValues: "socket", reason: this.#refusal };
    if (this.#whyFile !== undefined) return { kind: "socket", largeValues: "shared file", reason: this.#whyFile };
    return { kind: "socket", largeValues: "shared memory" };
  }

  /** Makes memory only to see whether it can be made: who asks for statistics sends no value. */
  #findOut(): void {
    if (this.#store !== undefined || this.#isKnown) return;
    const bytes = createSharedBytes(this.#size);
    this.#note(bytes);
    if ("descriptor" in bytes) bytes.close();
  }

  #note(bytes: SharedBytes | NoSharedBytes): void {
    this.#isKnown = true;
    if ("descriptor" in bytes) this.#whyFile ??= bytes.reason;
    else this.#refusal = bytes.reason;
  }

  /** For a worker that is being started. `send` tells it something. */
  addWorker(send: (message: MemoryOffer | ValueComing) => void): ProcessPayloads {
    const worker = new ProcessPayloads(this, send, this.#ofWorkers);
    this.#workers.add(worker);
    if (this.#store !== undefined) this.#offer(worker, this.#store);
    return worker;
  }

  readonly #ofWorkers: WorkerEvents = {
    store: () => this.#open(),
    wanted: () => void this.#open(),
    refused: (reason) => void (this.#refusal = reason),
    mapped: () => this.noteMapped(),
    unmapped: (reason) => {
      this.#whyFile = reason;
      this.#isMapped = false;
    },
    gone: (worker) => {
      this.#workers.delete(worker);
      this.#closeIfUnused();
    },
  };

  #open(): SharedStore | undefined {
    if (this.#refusal !== undefined) return undefined;
    return (this.#store ??= this.#create());
  }

  #create(): SharedStore | undefined {
    const bytes = createSharedBytes(this.#size);
    this.#note(bytes);
    if (!("descriptor" in bytes)) return undefined;
    const look = (): void => {
      for (const worker of this.#workers) worker.letGoOfRead();
    };
    const store = new SharedStore(bytes, { look, emptied: () => this.#closeIfUnused() });
    for (const worker of this.#workers) this.#offer(worker, store);
    return store;
  }

  #offer(worker: ProcessPayloads, store: SharedStore): void {
    const results = createSharedBytes(this.#size);
    if ("descriptor" in results) worker.offer(store.bytes, results);
  }

  /** Values of queued tasks may be there although no worker is. */
  #closeIfUnused(): void {
    if (this.#workers.size > 0 || this.#store?.isEmpty !== true) return;
    this.#store.close();
    this.#store = undefined;
  }
}

function defaultSize(): number {
  return Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) / SHARE_OF_MEMORY / 4096) * 4096;
}

interface WorkerEvents {
  /** What values for workers are put down in. */
  store(): SharedStore | undefined;
  wanted(): void;
  refused(reason: string): void;
  mapped(): void;
  unmapped(reason: string): void;
  gone(worker: ProcessPayloads): void;
}

/** What one worker has of it. */
export class ProcessPayloads implements WorkerPayloads {
  canTake = false;
  readonly values: PayloadSource;
  readonly #send: (message: MemoryOffer | ValueComing) => void;
  readonly #events: WorkerEvents;
  #results: SharedBytes | undefined;
  #taken = 0;
  /** The next result, while the worker still writes it. */
  readonly #coming = new StepReader();
  readonly #frames = new FrameWriter();
  readonly #reader = new FrameReader((body) => decodeCompact(FINISHED_FRAMES, body));

  constructor(values: PayloadSource, send: (message: MemoryOffer | ValueComing) => void, events: WorkerEvents) {
    this.values = values;
    this.#send = send;
    this.#events = events;
  }

  get announce(): Announce | undefined {
    return this.canTake ? this.#announce : undefined;
  }

  readonly #announce: Announce = (coming) => this.#send({ type: "memoryComing", ...coming });

  offer(values: SharedBytes, results: SharedBytes): void {
    this.#results?.close();
    this.#results = results;
    results.setWord(TAKEN_WORD, this.#taken);
    this.#send({ type: "memory", values: placeOf(values), results: placeOf(results) });
  }

  /** A large message. The worker may not be able to see it: then it is sent as any other. */
  putDown(parts: readonly Uint8Array[]): MemoryFrame | undefined {
    if (!isLarge(parts)) return undefined;
    const store = this.#events.store();
    if (store === undefined || !this.canTake) return undefined;
    this.letGoOfRead();
    return this.#frames.write(parts, store);
  }

  letGoOfRead(): void {
    if (this.#results !== undefined) this.#frames.letGoOfRead(this.#results.word(READ_BY_WORKER_WORD));
  }

  /** `listener`: of what the worker says in large messages. */
  heard(message: FromWorkerAboutValues, listener: ChannelListener<FromWorker>): void {
    switch (message.type) {
      case "memoryComing":
        return this.#readComing(message);
      case "memoryFrame":
        return this.#deliver(message, listener);
      case "memoryWanted":
        return this.#events.wanted();
      case "memoryOpened":
        this.canTake = true;
        return this.#opened(message);
      case "memoryRefused":
        return this.#events.refused(message.reason);
    }
  }

  #opened({ reason }: MemoryOpened): void {
    if (reason !== undefined) this.#events.unmapped(reason);
    else if (this.#results?.place !== undefined) this.#events.mapped();
  }

  /** The worker has mapped memory for other things. */
  noteMapped(): void {
    this.#events.mapped();
  }

  /** A turn of the event loop for each step: nobody else has to wait for more than that. */
  #readComing(coming: ValueComing): void {
    if (this.#results === undefined) return;
    this.#coming.begin(this.#results, coming);
    let until = performance.now() + PATIENCE_MS;
    const goOn = (): void => {
      const now = performance.now();
      if (this.#coming.goOn()) until = now + PATIENCE_MS;
      if (this.#coming.isUnfinished && now < until) setImmediate(goOn);
    };
    goOn();
  }

  #deliver(frame: MemoryFrame, listener: ChannelListener<FromWorker>): void {
    const results = this.#results;
    if (results === undefined) return listener.messageError(new TypeError("Cannot read a message as the memory that it is in is gone"));
    this.#reader.deliver(frame, results, listener, () => results.setWord(READ_BY_POOL_WORD, this.#reader.read));
  }

  take(at: number, size: number): ArrayBuffer {
    if (this.#results === undefined) throw new TypeError("Cannot read the result as the memory that it is in is gone");
    return this.#coming.take(at, size) ?? readBytes(this.#results, at, size);
  }

  noteTaken(): void {
    this.#taken += 1;
    this.#results?.setWord(TAKEN_WORD, this.#taken);
  }

  close(): void {
    this.canTake = false;
    this.#frames.letGoOfAll();
    this.#coming.drop();
    this.#results?.close();
    this.#results = undefined;
    this.#events.gone(this);
  }
}
