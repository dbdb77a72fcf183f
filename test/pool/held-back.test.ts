// The pool over workers that do what each test says: for how long workers may hold outcomes back, and how the pool hears of
// those that they hold back while they are at something else.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Future, FutureState } from "#dure/contract/future.js";
import { tasksOf } from "#dure/protocol/columns.js";
import type { WireTask } from "#dure/protocol/messages.js";
import { OutcomeNotes } from "#dure/transport/outcome-notes.js";
import { Stage, turn, type ScriptedWorker } from "./scripted-host.ts";

const notes = new OutcomeNotes();

function noteOf([id]: WireTask, value: unknown): Uint8Array {
  return notes.encode([id, true, value, false, 0.05]) as Uint8Array;
}

/** Longer than any of these tasks is expected to take. */
const LONG = 50;

async function patienceOfFirst(ms: number, count: number, options: { timeout?: number } = {}): Promise<number> {
  const stage = new Stage();
  const worker = await stage.warm(ms);
  for (let n = 0; n < count; n += 1) void stage.submit(options);
  await turn();
  return tasksOf(worker.runs[1]!.tasks)[0]![6];
}

/** Three short tasks on their way to one worker. */
async function threeHanded() {
  const stage = new Stage();
  const worker: ScriptedWorker = await stage.warm(0.05);
  const futures = [stage.submit(), stage.submit(), stage.submit()];
  await turn();
  return { stage, worker, futures };
}

function statesOf(futures: readonly Future<unknown>[]): FutureState[] {
  return futures.map(({ state }) => state);
}

test("outcomes of short tasks may wait for a fraction of a millisecond, and none while a long one runs or one that may be stopped", async () => {
  assert.equal(await patienceOfFirst(0.05, 3), 0.25);
  assert.equal(await patienceOfFirst(0.05, 3, { timeout: 1000 }), 0);
  assert.equal(await patienceOfFirst(1, 3), 0);
  assert.equal(await patienceOfFirst(20, 2000), 0);
});

test("outcomes may wait longer while very many tasks of a millisecond are queued", async () => {
  assert.equal(await patienceOfFirst(1, 2000), 4);
  const some = await patienceOfFirst(1, 100);
  assert.ok(some > 0.5 && some < 2, `${some}`);
});

test("an outcome that is held back is told once what runs behind it takes long, and not again when it comes", async () => {
  const { stage, worker, futures } = await threeHanded();
  const first = worker.begin();
  const second = worker.begin(noteOf(first, "one"));
  await stage.clock.pass(LONG);
  assert.deepEqual(statesOf(futures), ["done", "running", "pending"]);
  assert.equal(await futures[0], "one");
  worker.finish(first, "one", 0.05);
  worker.finish(second, "two", LONG);
  await turn();
  assert.equal(await futures[1], "two");
  assert.equal(stage.pool.stats().completed, 3);
  worker.do("three", 0.05);
  assert.equal(await futures[2], "three");
});

test("an outcome is told that is held back after its worker has been found to be slow", async () => {
  const { stage, worker, futures } = await threeHanded();
  await stage.clock.pass(LONG);
  const first = worker.begin();
  const second = worker.begin(noteOf(first, "one"));
  await stage.clock.pass(2 * LONG);
  assert.equal(await futures[0], "one");
  const before = stage.clock.timers.size;
  await stage.clock.pass(1000 * LONG);
  assert.equal(stage.clock.timers.size, before);
  worker.begin(noteOf(second, "two"));
  await stage.clock.pass(2000 * LONG);
  assert.equal(await futures[1], "two");
});

test("an outcome that is held back behind one on its way is not told before that has come", async () => {
  const { stage, worker, futures } = await threeHanded();
  const first = worker.begin();
  // Its outcome has been sent: no note.
  const second = worker.begin();
  const third = worker.begin(noteOf(second, "two"));
  await stage.clock.pass(LONG);
  assert.deepEqual(statesOf(futures), ["running", "pending", "pending"]);
  worker.finish(first, "one", 0.05);
  await stage.clock.pass(LONG);
  assert.deepEqual(await Promise.all(futures.slice(0, 2)), ["one", "two"]);
  worker.finish(second, "two", 0.05);
  worker.finish(third, "three", LONG);
  assert.equal(await futures[2], "three");
});

test("an error that is held back is told, and tried again if there are retries", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.05);
  const [failing, retried, long] = [stage.submit(), stage.submit({ retries: 1 }), stage.submit()];
  await turn();
  const first = worker.begin();
  const second = worker.begin(notes.encode([first[0], false, "wrong", false, 0.05]) as Uint8Array);
  const third = worker.begin(notes.encode([second[0], false, "wrong, too", false, 0.05]) as Uint8Array);
  await stage.clock.pass(LONG);
  assert.equal(await failing.exception(), "wrong");
  assert.equal(retried.state, "pending");
  worker.finish(third, "long", LONG);
  assert.equal(await long, "long");
  await stage.clock.pass(1000);
  worker.do("right", 0.05);
  assert.equal(await retried, "right");
});
