// What is compared of two runs of a benchmark, and in which direction.
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";

interface BenchFigures {
  figuresWithin(answer: unknown): [name: string, value: number][];
  speedsOf(name: string, values: readonly number[], others: readonly number[]): number[];
}

const { figuresWithin, speedsOf } = (await import(pathToFileURL(resolve("scripts/bench-figures.mjs")).href)) as BenchFigures;

describe("figuresWithin()", () => {
  test("gives every time, rate and size with the name of its row, and nothing else", () => {
    const rows = [
      { rung: "threads", submitPerSecond: 5, roundTripUs: 2 },
      { rung: "processes", submitPerSecond: 4, roundTripUs: 3, perTaskBytes: 6, rungs: [{ kind: "cold", startMs: 9 }] },
    ];
    assert.deepEqual(figuresWithin({ machine: "of no matter", turns: 3, tasks: 100, addedMs: 7, after: { awaitNs: 8 }, rows }), [
      ["addedMs", 7],
      ["after awaitNs", 8],
      ["threads submitPerSecond", 5],
      ["threads roundTripUs", 2],
      ["processes submitPerSecond", 4],
      ["processes roundTripUs", 3],
      ["processes perTaskBytes", 6],
      ["processes cold startMs", 9],
    ]);
  });
});

describe("speedsOf()", () => {
  test("is above 1 where a rate is higher", () => {
    assert.deepEqual(speedsOf("threads mapPerSecond", [20, 5], [10, 10]), [2, 0.5]);
  });

  test("is above 1 where a time is shorter, or a size smaller", () => {
    assert.deepEqual(speedsOf("threads perTaskBytes", [500], [1000]), [2]);
    assert.deepEqual(speedsOf("threads roundTripUs", [20, 5], [10, 10]), [0.5, 2]);
  });
});
