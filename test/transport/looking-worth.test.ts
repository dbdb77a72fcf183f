import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { LookingWorth } from "#dure/transport/looking-worth.js";

/** Milliseconds until it is worth a try again. */
function pauseAt(worth: LookingWorth, now: number): number {
  let pause = 0;
  while (!worth.isWorthIt(now + pause)) pause += 1;
  return pause;
}

test("each look in vain is followed by a pause twice as long, up to twenty times the look", () => {
  const worth = new LookingWorth();
  const pauses = Array.from({ length: 7 }, (_, index) => {
    const now = 1000 * index;
    const before = pauseAt(worth, now);
    worth.wasInVain(now, 2);
    return [before, pauseAt(worth, now)];
  });
  deepEqual(
    pauses,
    [2, 4, 8, 16, 32, 40, 40].map((pause) => [0, pause]),
  );
});

test("a look that pays makes the pauses begin anew", () => {
  const worth = new LookingWorth();
  for (let vain = 0; vain < 5; vain += 1) worth.wasInVain(0, 2);
  equal(worth.isWorthIt(31), false);
  equal(worth.isWorthIt(32), true);
  worth.hasPaid();
  worth.wasInVain(100, 2);
  equal(pauseAt(worth, 100), 2);
});

test("a short look in vain makes a short pause, also after a long one", () => {
  const worth = new LookingWorth();
  worth.wasInVain(0, 1000);
  equal(pauseAt(worth, 0), 1000);
  worth.wasInVain(2000, 0.25);
  equal(pauseAt(worth, 2000), 5);
});
