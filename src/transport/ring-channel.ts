// A channel that hands small messages over in shared memory, and all others by the channel that it stands on. A side that
// is not looking at the memory is woken by an empty message on that channel, the doorbell. Looking costs a side its
// processor, so it is done for short times only (lookout.ts), and a shared word says when.
//
// Order needs no numbers: a message goes by the ring only if all that was sent before by the channel has been received.
// So what is in the ring was always sent before what is on its way by the channel, and the receiver empties the ring
// before it takes in a message of the channel.
//
// A side that stops looking says so and then looks once more; a side that has heard the bell says so and then looks. A side
// that has put a message into the ring then reads both words, and rings only if nobody looks and no bell is on its way. At
// least one of the two sees the other.

import { frameMemory, type FrameMemory } from "../codec/trees/memory.ts";
import type { Channel, ChannelListener } from "./channel.ts";
import { RING_SIZE, RingReader, RingWriter } from "./ring.ts";
import type { FrameForm } from "./ring-frames.ts";

/** Sent by the channel so that the other side empties its ring. A number: cloning an object would take most of the way. */
export type Doorbell = 0;

const DOORBELL: Doorbell = 0;
const NO_TRANSFER: readonly object[] = [];

/** Of each direction, in front of its ring: words of the side that reads. */
const LOOKING_WORD = 0;
const RECEIVED_WORD = 1;
const BELLS_HEARD_WORD = 2;
const WORDS_SIZE = 64;
const DIRECTION_SIZE = WORDS_SIZE + RING_SIZE;

/** Bytes of memory that a channel takes, all 0 at first. */
export const RING_CHANNEL_SIZE: number = 2 * DIRECTION_SIZE;

/** What can be looked at, instead of waiting for an event. */
export interface Lookable {
  /** Whether there is a place to look at. */
  readonly isOpen: boolean;
  /** Whether the other side may count on `look` being called soon. */
  setLooking(isLooking: boolean): void;
  /** The same for a side that is at something after which it looks, until it says that it is not: then it has. */
  setBusy(isBusy: boolean): void;
  /** Delivers what is there; whether anything was. */
  look(): boolean;
  /** Delivers that, and what has come by another way and can be had without waiting for an event. */
  deliverArrived(): void;
}

/** Memory seen by both sides; the same for both. */
export interface RingPlace {
  readonly memory: ArrayBufferLike;
  /** Where in the memory, in bytes; a multiple of 64. Default 0. */
  readonly offset?: number | undefined;
}

export interface RingChannelOptions<Out, In> {
  readonly inner: Channel<Out | Doorbell, In | Doorbell>;
  /** Which of the two sides this is. */
  readonly side: "near" | "far";
  readonly outgoing: FrameForm<Out>;
  readonly incoming: FrameForm<In>;
}

/** What one side has of the memory. */
interface Rings {
  readonly words: Int32Array;
  readonly memory: FrameMemory;
  readonly writer: RingWriter;
  readonly reader: RingReader;
  /** Where the words are that the other side writes, and those that this one does. */
  readonly theirWords: number;
  readonly ownWords: number;
}

export class RingChannel<Out extends object, In extends object> implements Channel<Out, In>, Lookable {
  readonly #inner: Channel<Out | Doorbell, In | Doorbell>;
  readonly #outgoing: FrameForm<Out>;
  readonly #incoming: FrameForm<In>;
  readonly #side: "near" | "far";
  /** Undefined until there is memory, and once it may be gone. */
  #rings: Rings | undefined;
  /** Messages sent and received by the inner channel, and doorbells: 32-bit numbers that wrap. */
  #sent = 0;
  #received = 0;
  #bellsRung = 0;
  #bellsHeard = 0;
  #isLooking = false;
  #isBusy = false;
  /** Whether the other side is told that it need not ring. */
  #sees = false;
  #listener: ChannelListener<In> | undefined;
  /** Of the inner channel, while the ring is being emptied before them. */
  #waiting: Arrival<In>[] = [];

  constructor({ inner, side, outgoing, incoming }: RingChannelOptions<Out, In>) {
    this.#inner = inner;
    this.#side = side;
    this.#outgoing = outgoing;
    this.#incoming = incoming;
  }

  /**
   * From now on there is memory; until both sides have said so, all goes by the inner channel. Of two sides of which one comes later,
   * the later one must have received a message of the other by then: so the first never takes its words, still 0, for an answer.
   */
  openRings({ memory, offset = 0 }: RingPlace): void {
    const views = frameMemory(memory);
    const [own, their] = this.#side === "near" ? [offset, offset + DIRECTION_SIZE] : [offset + DIRECTION_SIZE, offset];
    this.#rings = {
      words: views.words,
      memory: views,
      reader: new RingReader(views, own + WORDS_SIZE),
      writer: new RingWriter(views, their + WORDS_SIZE),
      ownWords: own >> 2,
      theirWords: their >> 2,
    };
    this.#say(LOOKING_WORD, this.#sees ? 1 : 0);
    this.#say(RECEIVED_WORD, this.#received);
  }

  get isOpen(): boolean {
    return this.#rings !== undefined;
  }

  #say(word: number, value: number): void {
    if (this.#rings !== undefined) Atomics.store(this.#rings.words, this.#rings.ownWords + word, value);
  }

  listen(listener: ChannelListener<In>): void {
    this.#listener = listener;
    this.#inner.listen({
      message: (message) => (message === DOORBELL ? this.#hearBell() : this.#arrive({ message })),
      messageError: (error) => this.#arrive({ error }),
    });
  }

  // ---- sending

  send(message: Out, transfer: readonly object[]): void {
    const rings = this.#rings;
    if (rings === undefined || transfer.length > 0 || !this.#hasReceivedAll(rings) || !this.#outgoing.write(rings.writer, message))
      return this.#sendInner(message, transfer);
    if (!this.#willSee(rings)) this.#ring();
  }

  /** Whether the other side has, of what was sent by the inner channel. */
  #hasReceivedAll({ words, theirWords }: Rings): boolean {
    return Atomics.load(words, theirWords + RECEIVED_WORD) === this.#sent;
  }

  /** Whether the other side is looking, or will when it hears the bell that is on its way. */
  #willSee({ words, theirWords }: Rings): boolean {
    return Atomics.load(words, theirWords + LOOKING_WORD) !== 0 || Atomics.load(words, theirWords + BELLS_HEARD_WORD) !== this.#bellsRung;
  }

  #ring(): void {
    this.#bellsRung = (this.#bellsRung + 1) | 0;
    this.#inner.send(DOORBELL, NO_TRANSFER);
  }

  #sendInner(message: Out, transfer: readonly object[]): void {
    this.#inner.send(message, transfer);
    this.#sent = (this.#sent + 1) | 0;
  }

  // ---- receiving

  #arrive(arrival: Arrival<In>): void {
    // What is done with a message of the ring may ask for more that has arrived: this one then goes first.
    this.#waiting.push(arrival);
    this.#deliverWaiting();
  }

  #hearBell(): void {
    this.#bellsHeard = (this.#bellsHeard + 1) | 0;
    // Before it looks: for what comes after that, the bell is rung again.
    this.#say(BELLS_HEARD_WORD, this.#bellsHeard);
    this.#deliverWaiting();
  }

  #deliverWaiting(): void {
    for (;;) {
      this.look();
      const arrival = this.#waiting.shift();
      if (arrival === undefined) return;
      // Only now may the other side use the ring again: what it puts there comes after this message.
      this.#received = (this.#received + 1) | 0;
      this.#say(RECEIVED_WORD, this.#received);
      this.#handOn(arrival);
    }
  }

  #handOn(arrival: Arrival<In>): void {
    if ("error" in arrival) this.#listener?.messageError(arrival.error);
    else this.#listener?.message(arrival.message);
  }

  setLooking(isLooking: boolean): void {
    this.#isLooking = isLooking;
    this.#sayWhetherItSees();
  }

  setBusy(isBusy: boolean): void {
    this.#isBusy = isBusy;
    this.#sayWhetherItSees();
  }

  #sayWhetherItSees(): void {
    const sees = this.#isLooking || this.#isBusy;
    if (sees === this.#sees) return;
    this.#sees = sees;
    this.#say(LOOKING_WORD, sees ? 1 : 0);
    if (!sees) this.look();
  }

  look(): boolean {
    const rings = this.#rings;
    if (rings === undefined || rings.reader.isEmpty) return false;
    const { reader, memory } = rings;
    // Whoever gets a message may close the channel.
    for (let at = reader.next(); at >= 0; at = this.#rings === undefined ? -1 : reader.next()) {
      const message = this.#incoming.read(memory, at);
      // Before it is delivered: whoever gets it may look for the next.
      reader.advance();
      this.#listener?.message(message);
    }
    return true;
  }

  deliverArrived(): void {
    this.#deliverWaiting();
    this.#inner.deliverArrived?.();
  }

  close(): void {
    this.#rings = undefined;
    this.#listener = undefined;
    this.#inner.close();
  }
}

type Arrival<In> = { readonly message: In } | { readonly error: unknown };
