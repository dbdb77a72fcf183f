// The pool over workers that do what each test says, with a clock that stands still: workers that start, or cannot: initializers, and giving up.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokenExecutorError, WorkerStartError } from "dure";
import { DIED, reasonOf, Stage, turn } from "./scripted-host.ts";

test("initializer: crosses once, and goes to each worker before its first task", async () => {
  const stage = new Stage({ initializer: function prepare() {}, initargs: [1, 2] });
  await stage.warm();
  const start = stage.host.worker(0).received[0];
  assert.equal(start?.type, "start");
  assert.deepEqual(start.initializer, {
    templates: [],
    function: { id: -1, name: "prepare", value: "prepare", coded: true },
    args: { value: [1, 2], coded: false },
  });
});

test("initializer: its failure breaks the pool, with the reason", async () => {
  const stage = new Stage();
  const future = stage.submit();
  await turn();
  const reason = new Error("no database");
  stage.host.worker(0).say({ type: "startFailed", reason: { value: reason, coded: false } });
  for (const failed of [future, stage.submit()]) {
    const error = await reasonOf(failed);
    assert.ok(error instanceof BrokenExecutorError);
    assert.ok(error.cause instanceof WorkerStartError);
    assert.equal(error.cause.cause, reason);
    assert.match(error.message, /no database/);
  }
  await stage.pool.shutdown();
  assert.ok(stage.host.worker(0).isGone);
});

test("initializer: one that cannot cross breaks the pool", async () => {
  const stage = new Stage({ initializer: function uncrossable() {} });
  const error = await reasonOf(stage.submit());
  assert.ok(error instanceof BrokenExecutorError);
  assert.match(error.message, /the function cannot cross/);
  await stage.pool.shutdown();
});

test("Pool gives up starting workers after several attempts, with the reason", async () => {
  const stage = new Stage();
  const future = stage.submit();
  await turn();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    stage.host.worker(attempt).exit(DIED);
    await stage.clock.pass(1_000);
  }
  assert.equal(stage.host.workers.length, 5);
  const error = await reasonOf(future);
  assert.ok(error instanceof BrokenExecutorError && error.cause instanceof WorkerStartError);
  assert.match(error.message, /exit code 1/);
});
