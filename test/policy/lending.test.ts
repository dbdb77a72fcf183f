// Tasks that wait for tasks of their own pool, where workers are in the pool's own thread.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PLAIN_TRAITS, Task } from "#dure/policy/task.js";
import { Story } from "./policy-story.ts";

function serial(): Story {
  return Story.withWorkers(1, { settings: { isInThread: true } });
}

test("PoolPolicy starts a further worker for a task of a task", () => {
  const story = serial();
  story.submitted("a");
  assert.deepEqual(story.submitted("b", {}, { parent: "a" }), ["startWorker 1"]);
  assert.deepEqual(story.ready(1), ["dispatch 1 b"]);
  assert.deepEqual(story.finished("b"), ["stopWorker 1"]);
});

test("PoolPolicy runs the tasks of one task one after another", () => {
  const story = serial();
  story.submitted("a");
  story.submitted("bc", {}, { parent: "a" });
  assert.deepEqual(story.ready(1), ["dispatch 1 b"]);
  assert.deepEqual(story.finished("b"), ["dispatch 1 c"]);
});

test("PoolPolicy lends a place at every depth", () => {
  const story = serial();
  story.submitted("a");
  story.submitted("b", {}, { parent: "a" });
  story.ready(1);
  assert.deepEqual(story.submitted("c", {}, { parent: "b" }), ["startWorker 2"]);
  assert.deepEqual(story.ready(2), ["dispatch 2 c"]);
});

test("PoolPolicy lends no place to tasks of others", () => {
  const story = serial();
  story.submitted("a");
  story.submitted("x");
  assert.deepEqual(story.submitted("b", {}, { parent: "a" }), ["startWorker 1"]);
  assert.deepEqual(story.ready(1), ["dispatch 1 b"]);
  assert.deepEqual(story.finished("b"), ["stopWorker 1"]);
  assert.deepEqual(story.finished("a"), ["dispatch 0 x"]);
});

test("PoolPolicy lends the place of an aborted task until it returns", () => {
  const story = serial();
  story.submitted("a");
  story.submitted("bc", {}, { parent: "a" });
  story.ready(1);
  story.aborted("a");
  assert.deepEqual(story.finished("b"), ["dispatch 1 c"]);
  // One place again: the worker that has nothing to do goes.
  assert.deepEqual(story.ghostFinished("a", 0), ["stopWorker 0"]);
});

test("PoolPolicy lends the place of a task again that is tried again while it has tasks of its own", () => {
  // 1. Both fail. 2. The task runs again, and may wait for the other. 3. That is to be tried again, too.
  const story = serial();
  story.submitted("a", { retryLimit: 1 });
  story.submitted("b", { retryLimit: 1 }, { parent: "a" });
  story.ready(1);
  story.finished("b", { ok: false });
  story.retried("b", 100);
  story.finished("a", { ok: false });
  story.retried("a", 0);
  story.exited(0);
  assert.equal(story.task("a").worker?.index, 1);
  assert.deepEqual(story.passed(100), ["startWorker 0"]);
  assert.deepEqual(story.ready(0), ["dispatch 0 b"]);
});

test("PoolPolicy lends the place of a task that is tried again although its attempt before returns", () => {
  // 1. It runs out of time, and nobody can stop it. 2. It runs again beside that, and has tasks. 3. The first run returns.
  const story = Story.withWorkers(2, { settings: { isInThread: true } });
  story.submitted("a", { retryLimit: 1 });
  const index = story.task("a").worker?.index ?? -1;
  story.aborted("a", { mayRetry: true });
  story.retried("a", 0);
  story.submitted("b", {}, { parent: "a" });
  assert.equal(story.policy.state.lending, 1);
  story.ghostFinished("a", index);
  assert.equal(story.policy.state.lending, 1);
});

test("PoolPolicy lends a place to what an aborted task still submits, until it returns", () => {
  const story = serial();
  story.submitted("a");
  story.aborted("a");
  const ghost = story.worker(0).handed.first;
  const child = new Task(story.policy.runTimeOf("f"), PLAIN_TRAITS);
  story.tell({ type: "taskSubmitted", task: child, parent: ghost });
  assert.deepEqual(story.turn(), ["startWorker 1"]);
  assert.equal(story.policy.state.lending, 1);
  story.ghostFinished("a", 0);
  assert.equal(story.policy.state.lending, 0);
});
