import assert from "node:assert/strict";
import { test } from "node:test";
import { timeUseOf } from "#dure/measure/time-use.js";

test("timeUseOf() divides a stretch into waiting, blocked, outrun and the rest", () => {
  assert.deepEqual(timeUseOf({ elapsed: 10, computing: 2, waiting: 5, outrun: 1, elsewhere: 0 }), { waiting: 0.5, blocked: 0.2, outrun: 0.1, elsewhere: 0 });
});

test("timeUseOf() never blocks for less than nothing, nor divides by nothing", () => {
  assert.deepEqual(timeUseOf({ elapsed: 10, computing: 8, waiting: 5, outrun: 1, elsewhere: 0 }), { waiting: 0.5, blocked: 0, outrun: 0.1, elsewhere: 0 });
  assert.deepEqual(timeUseOf({ elapsed: 0, computing: 0, waiting: 0, outrun: 0, elsewhere: 0 }), { waiting: 0, blocked: 0, outrun: 0, elsewhere: 0 });
});
