import assert from "node:assert/strict";
import { test } from "node:test";
import { breakEvenItems, callSeconds, isFasterWhenStarted } from "#dure/measure/break-even.js";
import type { CompletedRun } from "#dure/measure/comparison.js";

function run(startSeconds: number, seconds: number): CompletedRun {
  return { rung: "threads", completed: true, startSeconds, seconds, moveSecondsPerItem: 0, predictedSeconds: undefined, agrees: true };
}

const serial = run(0, 1);

test("breakEvenItems() is the start divided by what each item saves, rounded up", () => {
  // 10 items save 0.5 s, so one saves 50 ms: 0.12 s of start needs 3 items.
  assert.equal(breakEvenItems(run(0.12, 0.5), serial, 10), 3);
});

test("breakEvenItems() is at least 2, as one item cannot be divided", () => {
  assert.equal(breakEvenItems(run(0, 0.5), serial, 10), 2);
});

test("breakEvenItems() is undefined for a rung that is no faster when started", () => {
  assert.equal(breakEvenItems(run(0.1, 0.95), serial, 10), undefined);
});

test("isFasterWhenStarted() ignores the start and gains below a tenth", () => {
  assert.equal(isFasterWhenStarted(run(100, 0.9), serial), true);
  assert.equal(isFasterWhenStarted(run(0, 0.92), serial), false);
});

test("callSeconds() is what a call computes, waits and blocks, without what the executor does around it", () => {
  const baseline = { timeUse: { waiting: 0.5, blocked: 0.25, outrun: 0.125, elsewhere: 0 }, leverage: { computeSecondsPerItem: 0.125, bytesPerItem: 8 } };
  assert.equal(callSeconds(baseline, serial, 2), 0.5);
});
