// Rules 64 and 65: tasks that travel together. (The sizes of batches are tested over a clock that stands still.)

import assert from "node:assert/strict";
import { holdBusilyIfGated, holdIfGated } from "../fixtures/held.js";
import type { ConformanceCase } from "./rung.js";
import { withGate } from "./rung.js";

const NUMBERS = Array.from({ length: 40 }, (_, n) => n);

type Item = readonly [folder: string | undefined, n: number];

/** Items that take no time. */
const SHORT: readonly Item[] = NUMBERS.map((n) => [undefined, n]);

export const batchingCases: readonly ConformanceCase[] = [
  {
    rule: "65",
    fact: "short tasks that were submitted with a long one end while it runs",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
        // Now it is known to be short, so that many travel together.
        await executor.map(holdIfGated, SHORT);
        const long = executor.submit(holdIfGated, [gate.folder, -1]);
        const short = SHORT.map((item) => executor.submit(holdIfGated, item));
        assert.deepEqual(await Promise.all(short), NUMBERS);
        assert.equal(long.running(), true);
        gate.open();
        assert.equal(await long, -1);
      }),
  },
  {
    rule: "65",
    fact: "items that travel with a long one end while it runs, whatever chunkSize says",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
        const items: readonly Item[] = SHORT.map(([, n]) => [n === 5 ? gate.folder : undefined, n]);
        const values: number[] = [];
        for await (const value of executor.map(holdIfGated, items, { chunkSize: NUMBERS.length, bufferSize: NUMBERS.length, ordered: false })) {
          values.push(value);
          if (values.length === NUMBERS.length - 1) gate.open();
        }
        assert.equal(values.at(-1), 5);
        assert.deepEqual(
          values.toSorted((a, b) => a - b),
          NUMBERS,
        );
      }),
  },
  {
    rule: "65",
    fact: "nor does a long one that never lets other code run: what it was sent with ends before it",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
        await executor.map(holdBusilyIfGated, SHORT);
        const before = SHORT.slice(0, 10).map((item) => executor.submit(holdBusilyIfGated, item));
        const long = executor.submit(holdBusilyIfGated, [gate.folder, -1]);
        const after = SHORT.slice(10).map((item) => executor.submit(holdBusilyIfGated, item));
        assert.deepEqual(await Promise.all([...before, ...after]), NUMBERS);
        await gate.begun(1);
        gate.open();
        assert.equal(await long, -1);
      }),
  },
];
