import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { toText } from "#dure/cli/comparison-table.js";
import type { Comparison } from "#dure/measure/comparison.js";

const comparison: Comparison = {
  functionName: "gcd",
  items: 10,
  workers: 2,
  repetitions: 5,
  runs: [
    { rung: "serial", completed: true, startSeconds: 0, seconds: 1, moveSecondsPerItem: 0, predictedSeconds: 1.1, agrees: true },
    { rung: "threads", completed: true, startSeconds: 0.5, seconds: 0.5, moveSecondsPerItem: 0, predictedSeconds: undefined, agrees: false },
    { rung: "processes", completed: false, error: "Error: no" },
  ],
  baseline: { timeUse: { waiting: 0, blocked: 0, outrun: 0, elsewhere: 0 }, leverage: { computeSecondsPerItem: 0.1, bytesPerItem: 20 } },
};

const text = stripVTControlCharacters(toText(comparison, { rung: "serial", reason: "because it is so" }, 60));
const lines = text.split("\n");

test("toText() has one row per rung with aligned columns, and no trailing space", () => {
  assert.equal(lines[0], "gcd over 10 items, 2 workers");
  assert.deepEqual(lines.slice(2, 6), [
    "rung       start  predicted  seconds  speed-up  with start  results",
    "serial         -      1.100    1.000      1.00        1.00  the reference",
    "threads    0.500               0.500      2.00        1.00  DIFFER",
    "processes                                                   failed",
  ]);
  assert.ok(lines.every((line) => line === line.trimEnd()));
});

test("toText() gives the error of a rung that failed, what the columns mean, and the advice", () => {
  assert.match(text, /^processes failed: Error: no$/m);
  assert.match(text.replaceAll("\n", " "), /median of 5 runs/);
  assert.match(text, /^Advice: because it is so$/m);
});

test("toText() keeps its paragraphs within the width", () => {
  assert.ok(lines.slice(8).every((line) => line.length <= 60));
});
