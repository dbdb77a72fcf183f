// Tasks that wait for tasks of their own pool, where workers are in the pool's own thread.

import assert from "node:assert/strict";
import { test } from "node:test";
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
