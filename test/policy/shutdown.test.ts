// How a pool comes to its end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Story } from "./policy-story.ts";

test("PoolPolicy is closed at once when nothing was started", () => {
  assert.deepEqual(new Story().shutdown(), ["finishShutdown"]);
  assert.deepEqual(new Story().terminated(), ["finishShutdown"]);
});

test("PoolPolicy finishes every task before it stops the workers", () => {
  const story = Story.withWorkers(1);
  story.submitted("ab");
  assert.deepEqual(story.shutdown(), []);
  assert.equal(story.policy.admission, "shutdown");
  assert.deepEqual(story.finished("a"), ["dispatch 0 b"]);
  assert.deepEqual(story.finished("b"), ["stopWorker 0"]);
  assert.deepEqual(story.shutdown(), []);
  assert.deepEqual(story.exited(0), ["finishShutdown"]);
});

test("PoolPolicy still retries while it shuts down", () => {
  const story = Story.withWorkers(1);
  story.submitted("a", { retryLimit: 1 });
  story.shutdown();
  story.finished("a", { ok: false });
  assert.deepEqual(story.retried("a", 20), ["markPending a"]);
  assert.deepEqual(story.passed(20), ["dispatch 0 a"]);
  assert.deepEqual(story.finished("a"), ["stopWorker 0"]);
});

test("PoolPolicy cancels what has not started, wherever it is", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submitted("r", { retryLimit: 1 });
  story.finished("r", { ok: false, ms: 0.05 });
  story.retried("r", 1_000);
  story.submitted("abc");
  story.submit("d");
  assert.deepEqual(story.shutdown(true), ["cancelTask d", "cancelTask r", "takeBack 0 3"]);
  assert.deepEqual(story.takenBack(0, "cb"), ["cancelTask c", "cancelTask b"]);
  assert.deepEqual(story.finished("a"), ["stopWorker 0"]);
});

test("PoolPolicy cancels what is left when cancelPending is asked for later", () => {
  const story = Story.withWorkers(1);
  story.submitted("ab");
  assert.deepEqual(story.shutdown(), []);
  assert.deepEqual(story.shutdown(true), ["cancelTask b"]);
});

test("PoolPolicy makes no further attempt once pending tasks were cancelled", () => {
  const story = Story.withWorkers(1);
  story.submitted("a", { retryLimit: 1 });
  story.shutdown(true);
  assert.deepEqual(story.finished("a", { ok: false }), ["failTask a error", "stopWorker 0"]);
});

test("PoolPolicy kills a worker that does not stop", () => {
  const story = Story.withWorkers(1);
  story.shutdown();
  assert.deepEqual(story.passed(4_999), []);
  assert.deepEqual(story.passed(1), ["killWorker 0"]);
  assert.deepEqual(story.exited(0), ["finishShutdown"]);
});

test("PoolPolicy.terminate fails every task and kills every worker", () => {
  const story = new Story();
  story.submitted("abc");
  story.ready(0);
  assert.deepEqual(story.terminated(), ["failTask b terminated", "failTask c terminated", "failTask a terminated", "killWorker 0", "killWorker 1"]);
  assert.deepEqual(story.exited(0, 1), []);
  assert.deepEqual(story.exited(1), ["finishShutdown"]);
});

test("PoolPolicy.terminate ends a shutdown that is under way", () => {
  const story = Story.withWorkers(1);
  story.submitted("a");
  story.shutdown();
  assert.deepEqual(story.terminated(), ["failTask a terminated", "killWorker 0"]);
  assert.deepEqual(story.exited(0, 1), ["finishShutdown"]);
});

test("PoolPolicy stops the workers of a broken pool, and is closed when asked to", () => {
  const story = new Story({ maxWorkers: 1 });
  story.submitted("a");
  story.tell({ type: "workerRefused", worker: story.worker(0) });
  story.exited(0);
  assert.deepEqual(story.shutdown(), ["finishShutdown"]);
});

test("PoolPolicy waits for workers while it shuts down", () => {
  const story = Story.withWorkers(1, {});
  const loud = new Story({ maxWorkers: 1 }, ["timer", "running"]);
  assert.deepEqual(story.shutdown(), ["stopWorker 0"]);
  loud.submitted("a");
  loud.ready(0);
  loud.finished("a");
  assert.deepEqual(loud.shutdown(), ["stopWorker 0", "holdWorker 0"]);
  assert.deepEqual(loud.exited(0), ["releaseWorker 0", "finishShutdown"]);
});

test("PoolPolicy cancels a task that was admitted before it heard that pending tasks are cancelled", () => {
  const story = new Story();
  story.shutdown(true);
  assert.deepEqual(story.submitted("a"), ["cancelTask a"]);
});
