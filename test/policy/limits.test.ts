// Retries, aborts and limits in time.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "#dure/policy/task.js";
import { Story } from "./policy-story.ts";

test("PoolPolicy retries a failed task at once, or after a pause", () => {
  const story = Story.withWorkers(1);
  story.submitted("a", { retryLimit: 2 });
  assert.deepEqual(story.finished("a", { ok: false }), ["considerRetry a error"]);
  assert.deepEqual(story.retried("a", 0), ["markPending a", "dispatch 0 a"]);
  assert.deepEqual(story.finished("a", { ok: false }), ["considerRetry a error"]);
  assert.deepEqual(story.retried("a", 30), ["markPending a"]);
  assert.deepEqual(story.passed(29), []);
  assert.deepEqual(story.passed(1), ["dispatch 0 a"]);
  assert.deepEqual(story.finished("a", { ok: false }), ["failTask a error"]);
});

test("PoolPolicy ends a task whose caller wants no further attempt", () => {
  const story = Story.withWorkers(1);
  story.submitted("a", { retryLimit: 2 });
  story.finished("a", { ok: false });
  assert.deepEqual(story.retried("a", undefined), []);
  assert.equal(story.policy.tasks, 0);
});

test("PoolPolicy counts timeout from the start of the attempt", () => {
  const story = Story.withWorkers(1);
  story.submit("a");
  story.submitted("b", { timeout: 100 });
  assert.deepEqual(story.passed(500), []);
  story.finished("a");
  assert.deepEqual(story.passed(1), ["lookAtTask b"]);
  assert.deepEqual(story.lookedAt("b", true), []);
  assert.deepEqual(story.passed(99), []);
  assert.deepEqual(story.passed(1), ["expireTask b run"]);
});

test("PoolPolicy does not count timeout while the worker loads the task's module", () => {
  const story = Story.withWorkers(1);
  story.submitted("a", { timeout: 100, deadlineAt: 1_000 });
  for (let looks = 0; looks < 8; looks += 1) {
    assert.deepEqual(story.passed(100), ["lookAtTask a"]);
    assert.deepEqual(story.lookedAt("a", false), []);
  }
  assert.deepEqual(story.passed(12.5), ["lookAtTask a"]);
  story.lookedAt("a", true);
  assert.deepEqual(story.passed(99), []);
  assert.deepEqual(story.passed(1), ["expireTask a run"]);
});

test("PoolPolicy looks at a task ever more rarely until it has begun", () => {
  const story = Story.withWorkers(1);
  story.submitted("a", { timeout: 1_000 });
  for (const ms of [1, 1, 2, 4, 8, 16, 32, 64, 125, 125]) {
    assert.deepEqual(story.passed(ms - 0.5), []);
    assert.deepEqual(story.passed(0.5), ["lookAtTask a"]);
    story.lookedAt("a", false);
  }
});

test("PoolPolicy keeps a worker that loads the module of a withdrawn task, and gives it nothing until it is through", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submitted("ab");
  story.loading("a");
  assert.deepEqual(story.withdrawn("a"), ["takeBack 0 1"]);
  assert.deepEqual(story.takenBack(0, "b"), []);
  assert.deepEqual(story.passed(4_999), []);
  assert.deepEqual(story.ghostFinished("a", 0), ["dispatch 0 b"]);
  assert.deepEqual(story.passed(1), []);
});

test("PoolPolicy kills a worker that never ends loading the module of a withdrawn task", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submitted("ab");
  story.loading("a");
  story.withdrawn("a");
  story.takenBack(0, "b");
  assert.deepEqual(story.passed(4_999), []);
  assert.deepEqual(story.passed(1), ["killWorker 0"]);
  assert.deepEqual(story.exited(0), ["startWorker 0"]);
  assert.deepEqual(story.ready(0), ["dispatch 0 b"]);
});

test("PoolPolicy gives a worker nothing until it has passed a task that was withdrawn, and kills it if it does not come to that", () => {
  // 1. A worker with no task is stuck in what a finished one left behind. 2. A task is handed to it and withdrawn at once.
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submitted("ab");
  assert.deepEqual(story.withdrawn("a"), ["takeBack 0 1"]);
  assert.deepEqual(story.takenBack(0, "b"), []);
  assert.deepEqual(story.passed(99), []);
  assert.deepEqual(story.passed(1), ["killWorker 0"]);
  story.exited(0);
  assert.deepEqual(story.ready(0), ["dispatch 0 b"]);
});

test("PoolPolicy gives a worker time that says only after the withdrawal that it is loading", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submitted("a");
  const worker = story.worker(0);
  story.withdrawn("a");
  story.tell({ type: "workerLoading", worker, task: worker.handed.first as Task });
  assert.deepEqual(story.passed(4_999), []);
  assert.deepEqual(story.passed(1), ["killWorker 0"]);
});

test("PoolPolicy stops a worker whose running task is aborted before the outcomes of those before it have come", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submitted("abc");
  assert.deepEqual(story.aborted("b"), ["abortRun 0"]);
  assert.deepEqual(story.finished("a", { ms: 0.05 }), []);
  assert.deepEqual(story.passed(100), ["killWorker 0"]);
});

test("PoolPolicy stops no worker for a task that has ended although its outcome has not come", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submitted("abc");
  assert.deepEqual(story.aborted("a", { hasPassed: true }), []);
  assert.deepEqual(story.passed(1_000), []);
});

test("PoolPolicy blames the aborted task for a worker's death, not those that ended before it", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submitted("abc", { retryLimit: 5 });
  story.aborted("b");
  assert.deepEqual(story.exited(0, 2), ["considerRetry a workerLost", "startWorker 0"]);
  assert.equal(story.task("a").kills, 0);
});

test("PoolPolicy counts queueTimeout from submit, until the task starts", () => {
  const story = Story.withWorkers(1);
  story.submit("a", { queueTimeout: 100 });
  story.submitted("b", { queueTimeout: 100 });
  assert.deepEqual(story.passed(100), ["expireTask b queue"]);
  story.withdrawn("b");
  assert.deepEqual(story.passed(1_000), []);
});

test("PoolPolicy does not start queueTimeout again for a task that comes back", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submit("a");
  story.submitted("b", { queueTimeout: 100 });
  story.passed(60);
  story.exited(0, 1);
  assert.deepEqual(story.passed(39), []);
  assert.deepEqual(story.passed(1), ["expireTask b queue"]);
});

test("PoolPolicy counts a deadline through waiting, running and retrying", () => {
  const story = Story.withWorkers(1, { hasClaims: false });
  story.submit("a", { deadlineAt: 100 });
  story.submit("b", { deadlineAt: 100, retryLimit: 1 });
  story.submitted("c", { deadlineAt: 100, timeout: 50 });
  story.finished("a");
  story.finished("b", { ok: false });
  story.retried("b", 1_000);
  assert.deepEqual(story.passed(50), ["expireTask c run"]);
  story.aborted("c");
  story.submitted("d", { deadlineAt: 100 });
  assert.deepEqual(story.passed(50), ["expireTask b deadline", "expireTask d deadline"]);
});

test("PoolPolicy ends a task once whose deadline and next attempt come due together", () => {
  const story = Story.withWorkers(1);
  story.submitted("a", { deadlineAt: 20, retryLimit: 1 });
  story.finished("a", { ok: false });
  story.retried("a", 30);
  story.now = 60;
  assert.deepEqual(story.tell({ type: "timePassed" }), ["expireTask a deadline"]);
  assert.deepEqual(story.withdrawn("a"), []);
  assert.equal(story.task("a").place, "ended");
});

test("PoolPolicy tells the worker of an aborted task, and kills it when it does not return", () => {
  const story = Story.withWorkers(1);
  story.submitted("ab");
  assert.deepEqual(story.aborted("a"), ["abortRun 0"]);
  assert.deepEqual(story.passed(99), []);
  assert.deepEqual(story.passed(1), ["killWorker 0"]);
  assert.deepEqual(story.exited(0, 1), ["startWorker 0"]);
  assert.deepEqual(story.ready(0), ["dispatch 0 b"]);
});

test("PoolPolicy goes on with a worker whose aborted task returned", () => {
  const story = Story.withWorkers(1);
  story.submitted("ab");
  story.aborted("a");
  assert.deepEqual(story.ghostFinished("a", 0), ["dispatch 0 b"]);
  assert.deepEqual(story.passed(1_000), []);
});

test("PoolPolicy hands back what waits behind an aborted task when its worker is killed", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submitted("abc");
  story.aborted("a");
  story.passed(100);
  assert.deepEqual(story.exited(0, 1), ["startWorker 0"]);
  assert.deepEqual(story.ready(0), ["dispatch 0 bc"]);
  assert.equal(story.task("b").attempts, 1);
});

test("PoolPolicy gives an aborted task that has not begun its time when it does", () => {
  // Without claims: the second of two cannot be taken back.
  const story = Story.withWorkers(1, { ms: 0.05, hasClaims: false });
  story.submitted("ab");
  assert.deepEqual(story.aborted("b"), []);
  assert.deepEqual(story.passed(1_000), []);
  assert.deepEqual(story.finished("a"), ["abortRun 0"]);
  assert.deepEqual(story.passed(100), ["killWorker 0"]);
});

test("PoolPolicy retries a task that ran out of time on another worker", () => {
  const story = Story.withWorkers(2, { hasClaims: false });
  story.submitted("a", { timeout: 50, retryLimit: 1 });
  assert.deepEqual(story.passed(50), ["expireTask a run"]);
  assert.deepEqual(story.aborted("a", { mayRetry: true }), ["abortRun 1", "considerRetry a error"]);
  assert.deepEqual(story.retried("a", 0), ["markPending a", "dispatch 0 a"]);
});

test("PoolPolicy leaves an aborted task its worker where workers are in the pool's own thread", () => {
  const story = Story.withWorkers(1, { settings: { isInThread: true } });
  story.submitted("ab");
  assert.deepEqual(story.aborted("a"), ["abortRun 0"]);
  assert.deepEqual(story.passed(10_000), []);
  assert.deepEqual(story.ghostFinished("a", 0), ["dispatch 0 b"]);
});

test("PoolPolicy forgets a task that was withdrawn from the queue, from a worker and from its wait for a retry", () => {
  const story = Story.withWorkers(1, { ms: 0.05, settings: { slots: 2 } });
  story.submit("ab");
  story.submitted("c", { retryLimit: 1 });
  assert.deepEqual(story.withdrawn("b"), ["dispatch 0 c"]);
  story.finished("a");
  story.finished("c", { ok: false });
  story.retried("c", 50);
  assert.deepEqual(story.withdrawn("c"), []);
  assert.equal(story.policy.tasks, 0);
  assert.deepEqual(story.passed(100), []);
});
