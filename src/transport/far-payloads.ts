// A worker's side of the memory that large values cross in: it takes arguments out of what its pool has put down, and puts
// down its results.

import { performance } from "node:perf_hooks";
import type { PayloadSource, PayloadStore, StoredBytes } from "../codec/boundary.ts";
import type { FinishedMessage, FromWorker, ToWorker } from "../protocol/messages.ts";
import type { Channel, ChannelListener } from "./channel.ts";
import { decodeCompact } from "./compact-frames.ts";
import { StepReader, type Announce } from "./head-start.ts";
import { FrameReader, FrameWriter, isLarge } from "./memory-frames.ts";
import {
  READ_BY_POOL_WORD,
  READ_BY_WORKER_WORD,
  TAKEN_WORD,
  wordBeyond,
  type FromWorkerAboutValues,
  type MemoryFrame,
  type MemoryOffer,
  type ToWorkerAboutValues,
  type ValueComing,
} from "./memory-messages.ts";
import { SharedStore, WORTH_FROM } from "./payload-store.ts";
import { RUN_FRAMES } from "./ring-frames.ts";
import { openSharedBytes, readBytes, type SharedBytes } from "./shared-bytes.ts";

/** Milliseconds for which a worker waits for the next step of a value. Shorter: it sleeps when its pool is held up. Longer: more time is spent in vain. */
const PATIENCE_MS = 0.2;

/** Results that were in one message. */
interface Sent {
  readonly results: readonly StoredBytes[];
  /** How many messages of outcomes have been sent when the last of these has. */
  readonly messages: number;
}

export class FarPayloads implements PayloadSource, PayloadStore {
  #values: SharedBytes | undefined;
  #store: SharedStore | undefined;
  /** Put down, and not sent yet. */
  #unsent: StoredBytes[] = [];
  /** What the pool may not have taken yet, in the order sent. */
  readonly #sent: Sent[] = [];
  /** Messages of outcomes that have been sent. */
  #messages = 0;
  #hasAsked = false;
  #isMapped = false;
  readonly #frames = new FrameWriter();
  readonly #reader = new FrameReader((body) => decodeCompact(RUN_FRAMES, body));
  /** The next argument, while its pool still writes it. */
  readonly #coming = new StepReader();
  #send: (message: FromWorkerAboutValues) => void = () => {};

  take(at: number, size: number): ArrayBuffer {
    if (this.#values === undefined) throw new TypeError("Cannot read the value as the memory that it is in is gone");
    return this.#coming.take(at, size) ?? readBytes(this.#values, at, size);
  }

  get worthFrom(): number {
    return this.#isMapped || this.#store?.bytes.place !== undefined ? WORTH_FROM.mapped : WORTH_FROM.else;
  }

  /** This worker has mapped memory for other things. */
  noteMapped(): void {
    this.#isMapped = true;
  }

  /** Undefined if there is no memory, or no room. */
  put(bytes: Uint8Array): StoredBytes | undefined {
    if (this.#store === undefined) return this.#ask();
    this.#letGoOfTaken();
    const stored = this.#store.put(bytes, this.#announce);
    if (stored !== undefined) this.#unsent.push(stored);
    return stored;
  }

  /** A large message. Without memory it is sent as any other. */
  putDown(parts: readonly Uint8Array[]): MemoryFrame | undefined {
    if (!isLarge(parts)) return undefined;
    if (this.#store === undefined) return this.#ask();
    this.#letGoOfTaken();
    return this.#frames.write(parts, this.#store);
  }

  readonly #announce: Announce = (coming) => this.#send({ type: "memoryComing", ...coming });

  /** This result goes through the socket. The next one need not. */
  #ask(): undefined {
    if (this.#hasAsked) return;
    this.#hasAsked = true;
    this.#send({ type: "memoryWanted" });
  }

  /**
   * The channel as the far side sees it: without what is said about memory. Nothing may send messages of outcomes past it,
   * as both sides count them.
   */
  over(channel: Channel<FromWorker | FromWorkerAboutValues, ToWorker | ToWorkerAboutValues>): Channel<FromWorker, ToWorker> {
    this.#send = (message) => channel.send(message, NOTHING);
    return {
      listen: (listener) => channel.listen(this.#withoutOffers(listener)),
      send: (message, transfer) => (message.type === "finished" ? this.#sendFinished(channel, message, transfer) : channel.send(message, transfer)),
      deliverArrived: () => channel.deliverArrived?.(),
      close: () => channel.close(),
    };
  }

  #withoutOffers(listener: ChannelListener<ToWorker>): ChannelListener<ToWorker | ToWorkerAboutValues> {
    return {
      message: (message) => {
        if (message.type === "memory") this.#open(message);
        else if (message.type === "memoryComing") this.#readComing(message);
        else if (message.type === "memoryFrame") this.#deliver(message, listener);
        else listener.message(message);
      },
      messageError: (error) => listener.messageError(error),
    };
  }

  /** A worker is only told of what is coming while it has nothing else to do. */
  #readComing(coming: ValueComing): void {
    if (this.#values === undefined) return;
    this.#coming.begin(this.#values, coming);
    let until = performance.now() + PATIENCE_MS;
    while (this.#coming.isUnfinished) {
      const now = performance.now();
      if (this.#coming.goOn()) until = now + PATIENCE_MS;
      else if (now > until) return;
    }
  }

  #sendFinished(channel: Channel<FinishedMessage, never>, message: FinishedMessage, transfer: readonly object[]): void {
    try {
      channel.send(message, transfer);
    } catch (error) {
      // What no message can carry together follows one by one, after a message without any.
      this.#noteSent(1 + message.outcomes.values.length);
      throw error;
    }
    this.#messages += 1;
    this.#noteSent(0);
  }

  /** `toCome`: so many messages from now on are needed for what has been put down. */
  #noteSent(toCome: number): void {
    if (this.#unsent.length === 0) return;
    this.#sent.push({ results: this.#unsent, messages: this.#messages + toCome });
    this.#unsent = [];
  }

  #letGoOfTaken(): void {
    if (this.#store !== undefined) this.#frames.letGoOfRead(this.#store.bytes.word(READ_BY_POOL_WORD));
    if (this.#sent.length === 0) return;
    const taken = this.#store?.bytes.word(TAKEN_WORD) ?? 0;
    while (this.#sent.length > 0 && wordBeyond(taken, this.#sent[0]!.messages) >= 0) for (const result of this.#sent.shift()!.results) result.letGo();
  }

  /** What has been put down was put down for a worker that has opened the memory. */
  #deliver(frame: MemoryFrame, listener: ChannelListener<ToWorker>): void {
    const results = this.#store!.bytes;
    this.#reader.deliver(frame, this.#values!, listener, () => results.setWord(READ_BY_WORKER_WORD, this.#reader.read));
  }

  #open(offer: MemoryOffer): void {
    const values = openSharedBytes(offer.values);
    if (!("descriptor" in values)) return this.#send({ type: "memoryRefused", reason: values.reason });
    const results = openSharedBytes(offer.results);
    if (!("descriptor" in results)) {
      values.close();
      return this.#send({ type: "memoryRefused", reason: results.reason });
    }
    this.#values = values;
    this.#store = new SharedStore(results, { look: () => this.#letGoOfTaken() });
    // A pool that has not mapped it knows why.
    this.#send({ type: "memoryOpened", reason: offer.values.place === undefined ? undefined : values.reason });
  }
}

const NOTHING: readonly never[] = [];
