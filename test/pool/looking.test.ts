// The pool while it looks for replies instead of waiting for events: when it sends what is submitted meanwhile.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Stage, turn, type ScriptedWorker } from "./scripted-host.ts";

/** A pool that looks, and has just found the result of its only task. */
async function lookingStage(t: TestContext): Promise<{ stage: Stage; worker: ScriptedWorker }> {
  // So long that it still looks when the test is over, and would go on for as long as a task is under way.
  const stage = new Stage({ callerSpin: 60_000 });
  t.after(() => stage.pool.terminate());
  const worker = await stage.warm(0.001);
  const found = stage.submit();
  await Promise.resolve();
  worker.doInRing("result", { ms: 0.001 });
  await found;
  return { stage, worker };
}

test("submit() sends a task at once that finds a worker idle, and what comes after it when the turn ends", async (t) => {
  const { stage, worker } = await lookingStage(t);
  const { length } = worker.runs;
  void stage.submit();
  assert.equal(worker.runs.length, length + 1);
  void stage.submit();
  void stage.submit();
  assert.equal(worker.runs.length, length + 1);
  await turn();
  assert.equal(worker.waiting.length, 3);
});

test("submit() sends nothing before the turn ends to a worker that is at something", async (t) => {
  const { stage, worker } = await lookingStage(t);
  void stage.submit();
  await Promise.resolve();
  worker.begin();
  const { length } = worker.runs;
  void stage.submit();
  assert.equal(worker.runs.length, length);
  await turn();
  assert.equal(worker.waiting.length, 1);
});

test("submit() sends nothing before the turn ends where the pool does not look", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const { length } = worker.runs;
  void stage.submit();
  assert.equal(worker.runs.length, length);
  await turn();
  assert.equal(worker.runs.length, length + 1);
});

test("What a callback submits is sent when all who wait have been told", async (t) => {
  const { stage, worker } = await lookingStage(t);
  const future = stage.submit();
  const { length } = worker.runs;
  const sent: number[] = [];
  future.addDoneCallback(() => void stage.submit());
  future.addDoneCallback(() => sent.push(worker.runs.length - length));
  worker.doInRing("result", { ms: 0.001 });
  await future;
  await turn();
  assert.deepEqual(sent, [0]);
  assert.equal(worker.runs.length, length + 1);
});
