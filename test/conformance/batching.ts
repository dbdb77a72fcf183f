// Rules 46, 49, 64 and 65: tasks that travel together. (The sizes of batches are tested over a clock that stands still.)

import assert from "node:assert/strict";
import type { Future, TaskSubmitter } from "dure";
import { holdBusilyIfGated, holdIfGated, spinIfGated } from "../fixtures/held.js";
import type { Gate } from "../gate.js";
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
    fact: "what was sent behind a long one that lets no other code run ends while it runs",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
        await executor.map(holdBusilyIfGated, SHORT);
        const long = executor.submit(holdBusilyIfGated, [gate.folder, -1]);
        const short = SHORT.map((item) => executor.submit(holdBusilyIfGated, item));
        assert.deepEqual(await Promise.all(short), NUMBERS);
        await gate.begun(1);
        gate.open();
        assert.equal(await long, -1);
      }),
  },
  {
    rule: "46",
    fact: "aborting a task that computes costs none of those that it was sent with",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
        const controller = new AbortController();
        const { long, short } = await sendTogether(executor, executor.with({ signal: controller.signal }), gate);
        controller.abort();
        await assert.rejects(long, { name: "AbortError" });
        assert.deepEqual(await Promise.all(short), NUMBERS);
      }),
  },
  {
    rule: "49",
    fact: "the timeout of a task that computes costs none of those that it was sent with",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
        const { long, short } = await sendTogether(executor.with({ timeout: 60_000 }), executor.with({ timeout: 100 }), gate);
        await assert.rejects(long, { code: "DURE_TIMEOUT" });
        assert.deepEqual(await Promise.all(short), NUMBERS);
      }),
  },
];

/** Submits in one turn, of a function that is known to be short, some that are, one that never ends (by `forLong`), and more that are. */
async function sendTogether(executor: TaskSubmitter, forLong: TaskSubmitter, gate: Gate): Promise<{ long: Future<number>; short: Future<number>[] }> {
  // So many that one worker has forgotten how long its first calls took.
  for (let round = 0; round < 20; round += 1) await executor.map(spinIfGated, SHORT);
  const before = SHORT.slice(0, 15).map((item) => executor.submit(spinIfGated, item));
  const endless: Item = [gate.folder, -1];
  const long = forLong.submit(spinIfGated, endless);
  const after = SHORT.slice(15).map((item) => executor.submit(spinIfGated, item));
  await gate.begun(1);
  return { long, short: [...before, ...after] };
}
