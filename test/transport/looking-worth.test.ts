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
  const worth = new LookingWorth(2);
  const pauses = Array.from({ length: 7 }, (_, index) => {
    const now = 1000 * index;
    const before = pauseAt(worth, now);
    worth.wasInVain(now);
    return [before, pauseAt(worth, now)];
  });
  deepEqual(
    pauses,
    [2, 4, 8, 16, 32, 40, 40].map((pause) => [0, pause]),
  );
});

test("a look that pays makes the pauses begin anew", () => {
  const worth = new LookingWorth(2);
  for (let vain = 0; vain < 5; vain += 1) worth.wasInVain(0);
  equal(worth.isWorthIt(31), false);
  equal(worth.isWorthIt(32), true);
  worth.hasPaid();
  worth.wasInVain(100);
  equal(pauseAt(worth, 100), 2);
});
