import assert from "node:assert/strict";
import { test } from "node:test";
import { timeUseOf } from "#dure/measure/time-use.js";

test("timeUseOf() divides a stretch into waiting, blocked and the rest", () => {
  assert.deepEqual(timeUseOf({ elapsed: 10, computing: 2, waiting: 5 }), { waiting: 0.5, blocked: 0.3 });
});

test("timeUseOf() never blocks for less than nothing, nor divides by nothing", () => {
  assert.deepEqual(timeUseOf({ elapsed: 10, computing: 8, waiting: 5 }), { waiting: 0.5, blocked: 0 });
  assert.deepEqual(timeUseOf({ elapsed: 0, computing: 0, waiting: 0 }), { waiting: 0, blocked: 0 });
});
