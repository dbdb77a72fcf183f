import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { Lookout } from "#dure/transport/lookout.js";

/** A thread whose time passes with each reading of the clock, and whose callbacks run when the test says so. */
function scriptedThread(msPerReading = 0.01) {
  let now = 0;
  const microtasks: (() => void)[] = [];
  const turns: (() => void)[] = [];
  return {
    surroundings: {
      now: () => (now += msPerReading),
      microtask: (callback: () => void) => void microtasks.push(callback),
      nextTurn: (callback: () => void) => void turns.push(callback),
    },
    get now() {
      return now;
    },
    /** Runs microtasks until there are none; how many that were. */
    runMicrotasks(most = 100_000): number {
      let run = 0;
      for (let next = microtasks.shift(); next !== undefined; next = microtasks.shift()) {
        next();
        run += 1;
        ok(run < most, "the event loop never gets its turn");
      }
      return run;
    },
    /** Lets the event loop come round once. Whether anything waited for it. */
    comeRound: (): boolean => {
      const due = turns.splice(0);
      for (const callback of due) callback();
      return due.length > 0;
    },
  };
}

/** Has a message at each look that `hasMessage` says so. */
function scriptedRing(hasMessage: () => boolean = () => false) {
  const ring = {
    looks: 0,
    isLooking: false,
    setLooking: (isLooking: boolean) => void (ring.isLooking = isLooking),
    isOpen: true,
    setBusy: () => {},
    deliverArrived: () => {},
    look(): boolean {
      ring.looks += 1;
      return hasMessage();
    },
  };
  return ring;
}

test("watch() looks until the time is over, then tells the other side and uses no more time", () => {
  const thread = scriptedThread();
  const ring = scriptedRing();
  const lookout = new Lookout(0.5, { isWanted: () => true }, thread.surroundings);
  lookout.add(ring);
  lookout.watch();
  equal(ring.isLooking, true);
  const rounds = thread.runMicrotasks();
  // Several rounds for each reading of the clock.
  ok(rounds >= 50 && rounds <= 50 * 8, `${rounds} rounds in 0.5 ms, with a clock that goes on by 0.01 ms`);
  ok(ring.looks >= rounds);
  equal(thread.comeRound(), true);
  equal(ring.isLooking, false);
  const { looks } = ring;
  equal(thread.runMicrotasks(), 0);
  equal(thread.comeRound(), false);
  equal(ring.looks, looks);
});

test("the event loop has a turn after each millisecond, also while messages keep coming", () => {
  const thread = scriptedThread();
  let messages = 0;
  const ring = scriptedRing(() => {
    messages += 1;
    lookout.watch();
    return true;
  });
  const lookout = new Lookout(10, { isWanted: () => true }, thread.surroundings);
  lookout.add(ring);
  lookout.watch();
  for (let turn = 0; turn < 20; turn += 1) {
    const begun = thread.now;
    thread.runMicrotasks();
    ok(thread.now - begun <= 1.1, `${thread.now - begun} ms without a turn of the event loop`);
    equal(thread.comeRound(), true);
    equal(ring.isLooking, true);
  }
  ok(messages > 20);
});

test("each message makes the time begin anew", () => {
  const thread = scriptedThread();
  let next = 0.3;
  const ring = scriptedRing(() => {
    if (thread.now < next || next > 0.9) return false;
    next += 0.3;
    return true;
  });
  const lookout = new Lookout(0.4, { isWanted: () => true }, thread.surroundings);
  lookout.add(ring);
  lookout.watch();
  thread.runMicrotasks();
  ok(thread.now >= 0.95 && thread.now < 1.1, `${thread.now}`);
});

test("nothing is looked at when nothing is wanted, and the other side is told once the event loop has come round", () => {
  const thread = scriptedThread();
  const ring = scriptedRing();
  let isWanted = true;
  const lookout = new Lookout(0.5, { isWanted: () => isWanted }, thread.surroundings);
  lookout.add(ring);
  lookout.watch();
  isWanted = false;
  equal(thread.runMicrotasks(), 1);
  equal(ring.looks, 0);
  // Within the same turn it may be wanted again, as when one awaited task follows another.
  isWanted = true;
  lookout.watch();
  equal(ring.isLooking, true);
  ok(thread.runMicrotasks() > 1);
  thread.comeRound();
  equal(ring.isLooking, false);
});

test("a time of 0 never looks", () => {
  const thread = scriptedThread();
  const ring = scriptedRing();
  const lookout = new Lookout(0, { isWanted: () => true }, thread.surroundings);
  lookout.add(ring);
  lookout.watch();
  equal(thread.runMicrotasks(), 0);
  equal(thread.comeRound(), false);
  deepEqual([ring.looks, ring.isLooking], [0, false]);
});

test("a ring that is added while it looks is looked at, and one that was removed is not", () => {
  const thread = scriptedThread();
  const [first, second] = [scriptedRing(), scriptedRing()];
  const lookout = new Lookout(0.5, { isWanted: () => true }, thread.surroundings);
  lookout.add(first);
  lookout.watch();
  lookout.add(second);
  equal(second.isLooking, true);
  lookout.remove(first);
  thread.runMicrotasks();
  equal(first.looks, 0);
  ok(second.looks > 0);
});

test("looking that finds nothing in its time is left out for a while, and tried again after that", () => {
  const thread = scriptedThread();
  const ring = scriptedRing();
  const lookout = new Lookout(0.5, { isWanted: () => true }, thread.surroundings);
  lookout.add(ring);
  /** Milliseconds until it looks again, with a wish for each reading of the clock. */
  const pause = (): number => {
    const { looks } = ring;
    const begun = thread.now;
    while (ring.looks === looks) {
      lookout.watch();
      thread.runMicrotasks();
      if (ring.looks === looks) equal(ring.isLooking, false);
    }
    const opened = thread.now;
    while (thread.comeRound()) thread.runMicrotasks();
    return opened - begun;
  };
  const pauses = Array.from({ length: 4 }, pause);
  // Each with a look of half a millisecond at its end.
  for (const [index, ms] of pauses.entries()) {
    const expected = 0.5 + (index === 0 ? 0 : 0.5 * 2 ** (index - 1));
    ok(ms > expected - 0.2 && ms < expected + 0.2, `pause ${index}: ${ms} ms`);
  }
});

test("what is found so late that it might have been waited for counts as found in vain", () => {
  const thread = scriptedThread(0.001);
  let misses = 0;
  const ring = scriptedRing(() => (misses += 1) % 20_000 === 0);
  const lookout = new Lookout(100, { isWanted: () => true }, thread.surroundings);
  lookout.add(ring);
  lookout.watch();
  thread.runMicrotasks();
  equal(misses, 20_000);
  thread.comeRound();
  equal(ring.isLooking, false);
});

test("one late answer makes a pause as long as it was waited for, however long it would have been", () => {
  const thread = scriptedThread(0.001);
  let misses = 0;
  const ring = scriptedRing(() => (misses += 1) === 20_000);
  const lookout = new Lookout(1000, { isWanted: () => misses < 20_000 }, thread.surroundings);
  lookout.add(ring);
  lookout.watch();
  const begun = thread.now;
  thread.runMicrotasks();
  const lookedMs = thread.now - begun;
  while (thread.comeRound()) thread.runMicrotasks();
  const ended = thread.now;
  do lookout.watch();
  while (!ring.isLooking);
  ok(thread.now - ended <= lookedMs + 0.01, `${thread.now - ended} ms after ${lookedMs}`);
});

test("a listener that throws does not leave the other side counting on being seen", () => {
  const thread = scriptedThread();
  let isThrowing = false;
  const ring = scriptedRing(() => {
    if (isThrowing) throw new Error("of a listener");
    return false;
  });
  const lookout = new Lookout(0.5, { isWanted: () => true }, thread.surroundings);
  lookout.add(ring);
  lookout.watch();
  thread.runMicrotasks();
  isThrowing = true;
  throws(() => thread.comeRound(), /of a listener/);
  equal(ring.isLooking, false);
});

test("closed() is told when it no longer looks", () => {
  const thread = scriptedThread();
  let closings = 0;
  const lookout = new Lookout(0.5, { isWanted: () => true, closed: () => void (closings += 1) }, thread.surroundings);
  lookout.watch();
  equal(lookout.isOpen, true);
  thread.runMicrotasks();
  equal(closings, 0);
  thread.comeRound();
  deepEqual([closings, lookout.isOpen], [1, false]);
});
