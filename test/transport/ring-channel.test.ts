import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Channel } from "#dure/transport/channel.js";
import { createLoopback } from "#dure/transport/loopback.js";
import type { FrameMemory } from "#dure/codec/trees/memory.js";
import type { RingWriter } from "#dure/transport/ring.js";
import { RING_CHANNEL_SIZE, RingChannel, type Doorbell } from "#dure/transport/ring-channel.js";
import type { FrameForm } from "#dure/transport/ring-frames.js";

interface Note {
  readonly number: number;
  /** Whether it may go by the ring. */
  readonly isSmall: boolean;
}

const NOTES: FrameForm<Note> = {
  write(ring: RingWriter, { number, isSmall }: Note): boolean {
    const at = isSmall ? ring.reserve(8) : -1;
    if (at < 0) return false;
    ring.memory.words[at >> 2] = number;
    ring.publish();
    return true;
  },
  read: ({ words }: FrameMemory, at: number): Note => ({ number: words[at >> 2]!, isSmall: true }),
};

type Inner = Channel<Note | Doorbell, Note | Doorbell>;

/** Both ends, over a channel whose messages arrive when the test says so; `sent` is what went by that channel. With `isLate` memory comes later. */
function connect(inner: (channel: Inner, side: "near" | "far") => Inner = (channel) => channel, isLate = false) {
  const waiting: (() => void)[] = [];
  const sent: (Note | Doorbell)[] = [];
  const [left, right] = createLoopback<Note | Doorbell, Note | Doorbell>({ schedule: (callback) => void waiting.push(callback) });
  const memory = new SharedArrayBuffer(RING_CHANNEL_SIZE);
  const listed = (channel: Inner): Inner => ({
    listen: (listener) => channel.listen(listener),
    send(message, transfer) {
      sent.push(message);
      channel.send(message, transfer);
    },
    deliverArrived: () => channel.deliverArrived?.(),
    close: () => channel.close(),
  });
  const end = (channel: Inner, side: "near" | "far"): RingChannel<Note, Note> => {
    const made = new RingChannel<Note, Note>({ inner: inner(listed(channel), side), side, outgoing: NOTES, incoming: NOTES });
    if (!isLate) made.openRings({ memory });
    return made;
  };
  const near = end(left, "near");
  const far = end(right, "far");
  const deliverNext = (): boolean => {
    const next = waiting.shift();
    next?.();
    return next !== undefined;
  };
  return { near, far, sent, memory, deliverNext };
}

function heardBy(channel: RingChannel<Note, Note>, also: (number: number) => void = () => {}): number[] {
  const heard: number[] = [];
  channel.listen({
    message({ number }) {
      heard.push(number);
      also(number);
    },
    messageError(error) {
      throw error;
    },
  });
  return heard;
}

const small = (number: number): Note => ({ number, isSmall: true });
const large = (number: number): Note => ({ number, isSmall: false });

test("a message goes by the ring, with a doorbell on the channel while the other side does not look", () => {
  const { near, far, sent, deliverNext } = connect();
  const heard = heardBy(far);
  near.send(small(1), []);
  deepEqual(sent, [0]);
  deepEqual(heard, []);
  equal(deliverNext(), true);
  deepEqual(heard, [1]);
  far.setLooking(true);
  near.send(small(2), []);
  deepEqual(sent, [0]);
  deepEqual(heard, [1]);
  equal(far.look(), true);
  equal(far.look(), false);
  deepEqual(heard, [1, 2]);
});

test("one doorbell is enough for all that is there when it is heard", () => {
  const { near, far, sent, deliverNext } = connect();
  const heard = heardBy(far);
  for (const number of [1, 2, 3]) near.send(small(number), []);
  deepEqual(sent, [0]);
  equal(deliverNext(), true);
  deepEqual(heard, [1, 2, 3]);
  near.send(small(4), []);
  deepEqual(sent, [0, 0]);
  while (deliverNext());
  deepEqual(heard, [1, 2, 3, 4]);
});

test("what is not small or has something to move goes by the channel, and what follows waits behind it", () => {
  const { near, far, sent, deliverNext } = connect();
  const heard = heardBy(far);
  far.setLooking(true);
  near.send(small(1), []);
  near.send(large(2), []);
  near.send(small(3), []);
  equal(sent.length, 2);
  while (deliverNext());
  deepEqual(heard, [1, 2, 3]);
  near.send({ ...small(4), number: 4 }, [new ArrayBuffer(1)]);
  equal(sent.length, 3);
  while (deliverNext());
  near.send(small(5), []);
  equal(sent.length, 3);
  far.look();
  deepEqual(heard, [1, 2, 3, 4, 5]);
});

test("the ring is full: what has no room goes by the channel, in order", () => {
  const { near, far, sent, deliverNext } = connect();
  const heard = heardBy(far);
  far.setLooking(true);
  const count = 10_000;
  for (let number = 0; number < count; number += 1) near.send(small(number), []);
  equal(sent.length > 0 && sent.length < count, true);
  while (deliverNext());
  deepEqual(
    heard,
    Array.from({ length: count }, (_, number) => number),
  );
});

test("a side that stops looks once more", () => {
  const { near, far, sent } = connect();
  const heard = heardBy(far);
  far.setLooking(true);
  near.send(small(1), []);
  far.setLooking(false);
  deepEqual(heard, [1]);
  equal(sent.length, 0);
});

// 1. The worker looks. 2. The pool sees it and puts a message into the ring. 3. The worker looks, before the message is
// published, and stops. 4. The pool publishes, looks at the word again, and rings.
test("a side that stops between the other's look at the word and its message is woken by a doorbell", () => {
  const { near, far, sent, deliverNext } = connect();
  const heard = heardBy(far);
  far.setLooking(true);
  const write = NOTES.write;
  NOTES.write = (ring, note) => {
    far.setLooking(false);
    return write(ring, note);
  };
  try {
    near.send(small(1), []);
  } finally {
    NOTES.write = write;
  }
  deepEqual(heard, []);
  deepEqual(sent, [0]);
  equal(deliverNext(), true);
  deepEqual(heard, [1]);
});

test("what is in the ring when the other side ends is delivered, before what it sent later by the channel", () => {
  const { near, far } = connect();
  const heard = heardBy(near);
  near.setLooking(true);
  far.send(small(1), []);
  far.send(small(2), []);
  far.send(large(3), []);
  near.deliverArrived();
  deepEqual(heard, [1, 2, 3]);
});

test("nothing is delivered once closed", () => {
  const { near, far } = connect();
  const heard = heardBy(far);
  far.setLooking(true);
  near.send(small(1), []);
  far.close();
  far.look();
  deepEqual(heard, []);
});

test("a message that cannot be carried throws, and is not waited for", () => {
  const { near, far, sent } = connect((inner, side) =>
    side === "far"
      ? inner
      : {
          ...inner,
          send(message, transfer) {
            if (message !== 0 && message.number < 0) throw new Error("refused");
            inner.send(message, transfer);
          },
        },
  );
  const heard = heardBy(far);
  far.setLooking(true);
  let thrown: unknown;
  try {
    near.send(large(-1), []);
  } catch (error) {
    thrown = error;
  }
  equal((thrown as Error).message, "refused");
  near.send(small(1), []);
  equal(sent.length, 0);
  far.look();
  deepEqual(heard, [1]);
});

test("a message that could not be read is told of in its place, and counts as received", () => {
  const { near, far, sent, deliverNext } = connect((inner, side) =>
    side === "near"
      ? inner
      : {
          ...inner,
          listen: (listener) =>
            inner.listen({
              message: (message) => (message !== 0 && message.number < 0 ? listener.messageError("unreadable") : listener.message(message)),
              messageError: (error) => listener.messageError(error),
            }),
        },
  );
  const heard: unknown[] = [];
  far.listen({ message: ({ number }) => heard.push(number), messageError: (error) => heard.push(error) });
  far.setLooking(true);
  near.send(small(1), []);
  near.send(large(-2), []);
  while (deliverNext());
  near.send(small(3), []);
  equal(sent.length, 1);
  far.look();
  deepEqual(heard, [1, "unreadable", 3]);
});

const STEPS = [
  "small",
  "small",
  "large",
  "deliver",
  "look",
  "startLooking",
  "stopLooking",
  "becomeBusy",
  "becomeFree",
  "deliverArrived",
  "offerMemory",
] as const;
const step = fc.constantFrom(...STEPS);

test("both ways keep the order, and nothing is left unheard, whatever either side does when, and whenever memory comes", () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(fc.tuple(step, fc.boolean(), fc.boolean()), { maxLength: 120 }), (isLate, steps) => {
      const { near, far, memory, deliverNext } = connect(undefined, isLate);
      // A listener may look for more, or answer, from within.
      let asksForMore = false;
      let next = 0;
      // The numbers of the messages with which memory is offered and taken: each side opens it where a pool and its worker do.
      let offer = isLate ? -1 : -2;
      let answer = -1;
      const expected = new Map([
        [near, [] as number[]],
        [far, [] as number[]],
      ]);
      const send = (from: RingChannel<Note, Note>, isSmall: boolean): number => {
        expected.get(from === near ? far : near)!.push(next);
        from.send({ number: next, isSmall }, []);
        return next++;
      };
      const heard = new Map(
        [near, far].map((end) => [
          end,
          heardBy(end, (number) => {
            if (end === far && number === offer) {
              far.openRings({ memory });
              answer = send(far, false);
            } else if (end === near && number === answer) near.openRings({ memory });
            if (asksForMore && number % 3 === 0) end.deliverArrived();
            if (asksForMore && number % 5 === 0) send(end, number % 2 === 0);
          }),
        ]),
      );
      for (const [what, isNear, asks] of steps) {
        const end = isNear ? near : far;
        asksForMore = asks;
        if (what === "small" || what === "large") send(end, what === "small");
        else if (what === "deliver") deliverNext();
        else if (what === "look") end.look();
        else if (what === "deliverArrived") end.deliverArrived();
        else if (what === "becomeBusy" || what === "becomeFree") end.setBusy(what === "becomeBusy");
        else if (what !== "offerMemory") end.setLooking(what === "startLooking");
        else if (offer === -1) offer = send(near, false);
      }
      // Both go to sleep: what is on its way must wake them.
      asksForMore = false;
      for (const end of [near, far]) {
        end.setLooking(false);
        end.setBusy(false);
      }
      while (deliverNext());
      for (const end of [near, far]) deepEqual(heard.get(end), expected.get(end));
    }),
    { numRuns: 2000 },
  );
});

test("memory that comes later is used once both sides have it", () => {
  const { near, far, sent, memory, deliverNext } = connect(undefined, true);
  const heard = heardBy(far);
  heardBy(near);
  near.send(small(1), []);
  while (deliverNext());
  equal(sent.length, 1);
  far.openRings({ memory });
  far.send(small(2), []);
  while (deliverNext());
  near.openRings({ memory });
  far.setLooking(true);
  near.send(small(3), []);
  equal(sent.length, 2);
  far.look();
  deepEqual(heard, [1, 3]);
});
