import assert from "node:assert/strict";
import { test } from "node:test";
import { barText, progressText } from "#dure/cli/map/progress.js";

test("progressText() gives the part done, count, rate, failures and time left", () => {
  const text = progressText({ done: 12_000, newlyDone: 12_000, failed: 3, part: 0.25, seconds: 10 });
  assert.equal(text, "25 %, 12,000 items, 1,200/s, 3 failed, 0:30 left");
});

test("progressText() of an input of unknown size has neither part nor time left", () => {
  assert.equal(progressText({ done: 1, newlyDone: 1, failed: 0, part: undefined, seconds: 4 }), "1 item, 0.3/s");
});

test("progressText() counts only the time of this run for what this run has done", () => {
  const text = progressText({ done: 3_000, newlyDone: 1_000, failed: 0, part: 0.75, seconds: 3_600 });
  assert.equal(text, "75 %, 3,000 items, 0.3/s, 1:00:00 left");
});

test("barText() leaves the bar out where there is no room for it, and never breaks the line", () => {
  const text = "25 %, 12,000 items, 1,200/s";
  assert.equal(barText(text, 0.25, 80), `[======                  ] ${text}`);
  assert.equal(barText(text, 0.25, 40), text);
  assert.equal(barText(text, undefined, 10), "25 %, 12,0");
});
