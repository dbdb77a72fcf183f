import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { LookingWorth } from "#dure/transport/looking-worth.js";

/** How many chances are passed over until one is taken. */
function passedOver(worth: LookingWorth): number {
  let passed = 0;
  while (!worth.takeChance()) passed += 1;
  return passed;
}

test("each look in vain doubles the chances that are passed over, up to what a look in vain may cost", () => {
  for (const [spinMs, most] of [
    [0.05, 64],
    [1, 1000],
  ] as const) {
    const worth = new LookingWorth(spinMs);
    const passed = Array.from({ length: 12 }, () => {
      const count = passedOver(worth);
      worth.wasInVain();
      return count;
    });
    deepEqual(
      passed,
      Array.from({ length: 12 }, (_, index) => Math.min(index === 0 ? 0 : 2 ** (index - 1), most)),
    );
  }
});

test("a look that pays makes all chances be taken again", () => {
  const worth = new LookingWorth(1);
  for (let vain = 0; vain < 5; vain += 1) {
    passedOver(worth);
    worth.wasInVain();
  }
  equal(worth.isDoubtful, true);
  equal(passedOver(worth), 16);
  equal(worth.isDoubtful, false);
  worth.hasPaid();
  equal(worth.takeChance(), true);
  worth.wasInVain();
  equal(passedOver(worth), 1);
});
