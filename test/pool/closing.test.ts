// The pool over workers that do what each test says, with a clock that stands still: shutdown() and terminate().

import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, ExecutorShutdownError } from "dure";
import { reasonOf, Stage, turn } from "./scripted-host.ts";

test("shutdown() finishes fifty tasks, is idempotent, and refuses more", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const futures = Array.from({ length: 50 }, () => stage.submit());
  const closed = stage.pool.shutdown();
  assert.equal(stage.pool.shutdown(), closed);
  assert.ok((await reasonOf(stage.submit())) instanceof ExecutorShutdownError);
  await turn();
  for (let n = 0; n < 50; n += 1) worker.do(n, 0.001);
  assert.equal((await Promise.all(futures)).length, 50);
  await closed;
  assert.equal(worker.isGone, true);
  assert.equal(stage.clock.timers.size, 0);
  assert.equal(stage.pool.stats().state, "closed");
});

test("shutdown({ cancelPending }) leaves none undecided", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const futures = Array.from({ length: 5 }, () => stage.submit());
  await turn();
  const begun = worker.begin();
  const queued = stage.submit();
  const closed = stage.pool.shutdown({ cancelPending: true });
  worker.finish(begun, "finished");
  await closed;
  assert.deepEqual(
    [...futures, queued].map((future) => future.state),
    ["done", "cancelled", "cancelled", "cancelled", "cancelled", "cancelled"],
  );
  assert.ok((await reasonOf(queued)) instanceof CancelledError);
});

test("shutdown() kills a worker that does not stop", async () => {
  const stage = new Stage({ stopGrace: 200 });
  const worker = await stage.warm();
  worker.stops = false;
  const closed = stage.pool.shutdown();
  await turn();
  await stage.clock.pass(200);
  await closed;
  assert.equal(worker.isKilled, true);
});

test("terminate() fails what runs and what waits, and kills the workers", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const futures = [stage.submit(), stage.submit()];
  await turn();
  worker.begin();
  await stage.pool.terminate();
  for (const future of futures) assert.ok((await reasonOf(future)) instanceof ExecutorShutdownError);
  assert.equal(worker.isKilled, true);
  assert.equal(stage.clock.timers.size, 0);
  await new Stage().pool.terminate();
});
