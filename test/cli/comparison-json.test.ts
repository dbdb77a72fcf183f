import assert from "node:assert/strict";
import { test } from "node:test";
import { toJson } from "#dure/cli/comparison-json.js";

test("toJson() gives the public shape, with null times where a rung failed", () => {
  const json = toJson(
    {
      functionName: "gcd",
      items: 10,
      workers: 2,
      repetitions: 1,
      runs: [
        { rung: "serial", completed: true, startSeconds: 0, seconds: 1, moveSecondsPerItem: 0, predictedSeconds: 0.9, agrees: true },
        { rung: "threads", completed: true, startSeconds: 0.1, seconds: 0.5, moveSecondsPerItem: 0, predictedSeconds: undefined, agrees: true },
        { rung: "processes", completed: false, error: "Error: no" },
      ],
      baseline: { timeUse: { waiting: 0, blocked: 0, outrun: 0, elsewhere: 0 }, leverage: { computeSecondsPerItem: 0.1, bytesPerItem: 20 } },
    },
    { rung: "threads", reason: "because" },
  );
  assert.deepEqual(json, {
    function: "gcd",
    items: 10,
    workers: 2,
    runs: [
      { rung: "serial", seconds: 1, speedup: 1, agrees: true, predictedSeconds: 0.9 },
      { rung: "threads", seconds: 0.5, speedup: 2, agrees: true, predictedSeconds: null },
      { rung: "processes", seconds: null, speedup: null, agrees: false, predictedSeconds: null, error: "Error: no" },
    ],
    leverage: { computeSecondsPerItem: 0.1, bytesPerItem: 20 },
    recommendation: { rung: "threads", reason: "because" },
  });
});
