// Two ends of a connection within one thread: serial and async workers talk over it, and the whole pool can be tested
// over it, as nothing but `schedule` decides when messages arrive.

import { microtask } from "../contract/microtask.ts";
import type { Channel, ChannelListener } from "./channel.ts";

/** Runs a callback later, in the order given. */
export type Schedule = (callback: () => void) => void;

export interface LoopbackOptions {
  /** Default: in a microtask. */
  readonly schedule?: Schedule | undefined;
  /** Whether messages are copied, as between threads, or handed over as they are. Default `false`. */
  readonly copy?: boolean | undefined;
}

/** A connected pair: what one end sends, the other hears. */
export function createLoopback<A, B>(options: LoopbackOptions = {}): [Channel<A, B>, Channel<B, A>] {
  const schedule = options.schedule ?? microtask;
  const left = new LoopbackEnd<A, B>(schedule, options.copy ?? false);
  const right = new LoopbackEnd<B, A>(schedule, options.copy ?? false);
  left.connect(right);
  right.connect(left);
  return [left, right];
}

class LoopbackEnd<Out, In> implements Channel<Out, In> {
  readonly #schedule: Schedule;
  readonly #copy: boolean;
  #peer: LoopbackEnd<In, Out> | undefined;
  #listener: ChannelListener<In> | undefined;
  #arrived: In[] = [];
  /** The next of `#arrived` to deliver. */
  #position = 0;
  #isScheduled = false;
  /** Made once: a closure for each delivery would cost more than the delivery. */
  readonly #deliver = (): void => {
    this.#isScheduled = false;
    this.deliverArrived();
  };

  constructor(schedule: Schedule, copy: boolean) {
    this.#schedule = schedule;
    this.#copy = copy;
  }

  connect(peer: LoopbackEnd<In, Out>): void {
    this.#peer = peer;
  }

  listen(listener: ChannelListener<In>): void {
    this.#listener = listener;
  }

  send(message: Out, transfer: readonly object[]): void {
    if (this.#peer === undefined) return;
    const copied = this.#copy || transfer.length > 0 ? structuredClone(message, { transfer: transfer as ArrayBuffer[] }) : message;
    this.#peer.#arrive(copied);
  }

  #arrive(message: In): void {
    this.#arrived.push(message);
    this.#scheduleDelivery();
  }

  /** One callback delivers all that arrives before it runs. */
  #scheduleDelivery(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(this.#deliver);
  }

  deliverArrived(): void {
    // What is sent meanwhile gets a callback of its own, so that two ends cannot talk for ever within one. A listener
    // may call this again: the position is a field, so that order holds.
    const end = this.#arrived.length;
    while (this.#position < end && this.#position < this.#arrived.length) this.#listener?.message(this.#arrived[this.#position++]!);
    if (this.#position < this.#arrived.length) return this.#scheduleDelivery();
    this.#arrived = [];
    this.#position = 0;
  }

  close(): void {
    const peer = this.#peer;
    if (peer === undefined) return;
    this.#peer = undefined;
    this.#listener = undefined;
    this.#arrived = [];
    this.#position = 0;
    peer.#peer = undefined;
  }
}
