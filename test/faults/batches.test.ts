// A batch is a way to carry tasks: when one of its items takes the worker down, that one fails and all others arrive.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokenExecutorError, WorkerLostError, type Executor, type Future } from "dure";
import { isLongForm } from "../chaos.ts";
import { open } from "./cell.ts";
import { FAULTS, type Fault } from "./fixtures/commit.ts";
import { bytesOrFail, LARGE, squareOrFail, type Item } from "./fixtures/items.ts";
import { outcomeOf, type RungName } from "./matrix.ts";
import { poolOptions } from "./provoke.ts";

const ITEMS = 64;
/** The item that commits the fault. */
const HIT = 3;

/** To travel: items of a chunk, and milliseconds that each takes. */
const EVERY_WAY: readonly (readonly [chunkSize: number | undefined, ms: number])[] = [
  [ITEMS, 0.5],
  // Outcomes of short tasks are held back for a quarter of a millisecond.
  [undefined, 0],
  [undefined, 0.5],
  [ITEMS, 0],
  [5, 0.5],
];

function itemsOf(fault: Fault, ms: number): Item[] {
  return Array.from({ length: ITEMS }, (_, n) => (n === HIT ? { n, ms, fault } : { n, ms }));
}

/** Once the run time is known, items travel together. */
async function warm(pool: Executor, ms: number): Promise<void> {
  for (let n = 0; n < 4; n += 1) await pool.submit(squareOrFail, { n, ms });
}

for (const rung of ["threads", "processes"] as const) {
  for (const fault of FAULTS) {
    const { kind } = outcomeOf(rung, "running", fault);
    if (kind === "ends the program" || !(isLongForm || ["exit 3", "full heap", "SIGKILL"].includes(fault))) continue;

    for (const [chunkSize, ms] of isLongForm ? EVERY_WAY : EVERY_WAY.slice(0, 2))
      test(`${fault} at item ${HIT} of ${ITEMS}: one fails, the others arrive (${rung}, chunkSize ${chunkSize ?? "measured"}, ${ms} ms each)`, async () => {
        await using pool = open(rung, { maxWorkers: 2, ...poolOptions("running", fault) });
        await warm(pool, ms);
        const timeout = kind === "runs out of time" ? 300 : undefined;
        const outcomes = await pool.map(squareOrFail, itemsOf(fault, ms), { chunkSize, timeout, onError: "collect" });
        for (const [n, outcome] of outcomes.entries()) {
          if (n === HIT) assertHit(outcome, kind === "loses the worker");
          else assert.deepEqual(outcome, { status: "fulfilled", value: n * n });
        }
        assert.equal(pool.stats().workersLost, kind === "loses the worker" ? 1 : 0);
      });

    if (kind === "loses the worker")
      test(`${fault} at item ${HIT} of ${ITEMS}, with "break": all that are not done fail, each with its own error (${rung})`, () => assertBreaks(rung, fault));
  }
}

test("a large result of a short task arrives although the next task ends the worker (processes)", async () => {
  await using pool = open("processes", { maxWorkers: 1 });
  // The first one asks for memory, the second one lies there.
  for (let n = 0; n < 4; n += 1) await pool.submit(bytesOrFail, { n, ms: 0 });
  const outcomes = await pool.map(bytesOrFail, itemsOf("SIGKILL", 0), { chunkSize: ITEMS, onError: "collect" });
  for (const [n, outcome] of outcomes.entries()) {
    if (n === HIT) assertHit(outcome, true, "bytesOrFail");
    else assert.deepEqual(outcome, { status: "fulfilled", value: new Uint8Array(LARGE).fill(n) });
  }
});

function assertHit(outcome: PromiseSettledResult<unknown>, isLoss: boolean, task = "squareOrFail"): void {
  assert.equal(outcome.status, "rejected");
  if (isLoss) assert.match(String((outcome as PromiseRejectedResult).reason), new RegExp(`WorkerLostError: .* while it ran the task "${task}"`));
}

async function assertBreaks(rung: RungName, fault: Fault): Promise<void> {
  await using pool = open(rung, { maxWorkers: 1, onWorkerDeath: "break", ...poolOptions("running", fault) });
  await warm(pool, 0.5);
  const futures = itemsOf(fault, 0.5).map((item): Future<unknown> => pool.submit(squareOrFail, item));
  const errors = await Promise.all(futures.map((future) => future.exception()));
  assert.deepEqual(
    errors.map((error) => error === null),
    errors.map((_, n) => n < HIT),
  );
  const failed = errors.slice(HIT);
  assert.ok(failed.every((error) => error instanceof BrokenExecutorError && error.cause instanceof WorkerLostError));
  assert.equal(new Set(failed).size, failed.length);
}
