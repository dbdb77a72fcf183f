// A bounded map over far more items than memory could hold: it takes as much at the end as at the beginning.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "dure";
import { isLongForm } from "../chaos.ts";
import { takeFootprint } from "./footprint.ts";
import { addOne } from "./tasks.js";

const RUNGS = [
  { Executor: ThreadPoolExecutor, items: isLongForm ? 10_000_000 : 100_000 },
  { Executor: ProcessPoolExecutor, items: isLongForm ? 10_000_000 : 30_000 },
];

function* numbers(count: number): Generator<number> {
  for (let n = 0; n < count; n += 1) yield n;
}

for (const { Executor, items } of RUNGS) {
  test(`${Executor.name}: a map over ${items} items runs in flat memory`, async () => {
    await using pool = new Executor({ maxWorkers: 2 });
    const heaps: number[] = [];
    let expected = 0;
    for await (const value of pool.map(addOne, numbers(items)).stream()) {
      expected += 1;
      if (value !== expected) assert.equal(value, expected);
      if (expected % (items / 10) === 0) heaps.push((await takeFootprint([])).heap);
    }
    assert.equal(expected, items);
    const [first = 0, ...later] = heaps;
    const growth = Math.max(...later) - first;
    console.log(`${Executor.name}: ${items} items, the heap grew by ${Math.round(growth / 1024)} KiB at most after the first tenth`);
    assert.ok(growth < 4 * 2 ** 20, `the heap: ${heaps.join(", ")}`);
  });
}
