// How long workers stay, and which of them keep the program alive.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Story } from "./policy-story.ts";

test("PoolPolicy lets idle workers above minWorkers leave, and starts one again when it is needed", () => {
  const story = Story.withWorkers(3, { settings: { idleTimeout: 50, minWorkers: 1 } });
  assert.deepEqual(story.passed(49), []);
  assert.deepEqual(story.passed(1), ["stopWorker 0", "stopWorker 1"]);
  assert.deepEqual(story.submitted("ab"), ["dispatch 2 a"]);
  assert.deepEqual(story.exited(0), ["startWorker 0"]);
});

test("PoolPolicy starts the first worker when a task is expected, and no second one when it comes", () => {
  const story = new Story({ maxWorkers: 2 });
  assert.deepEqual(story.expected(), ["startWorker 0"]);
  assert.deepEqual(story.expected(), []);
  assert.deepEqual(story.submitted("a"), []);
  assert.deepEqual(story.submitted("b"), ["startWorker 1"]);
  assert.deepEqual(story.ready(0), ["dispatch 0 a"]);
});

test("PoolPolicy lets a worker leave that was started for a task that did not come", () => {
  const story = new Story({ maxWorkers: 1, idleTimeout: 50 });
  story.expected();
  story.turn();
  story.ready(0);
  assert.deepEqual(story.passed(50), ["stopWorker 0"]);
});

test("PoolPolicy gives no task to a worker that was told to stop", () => {
  const story = Story.withWorkers(1, { settings: { idleTimeout: 50 } });
  assert.deepEqual(story.passed(50), ["stopWorker 0"]);
  assert.deepEqual(story.submitted("a"), []);
  assert.deepEqual(story.exited(0), ["startWorker 0"]);
  assert.deepEqual(story.ready(0), ["dispatch 0 a"]);
});

test("PoolPolicy lets a worker leave at once when idleTimeout is 0", () => {
  const story = new Story({ maxWorkers: 1, idleTimeout: 0 });
  story.submitted("a");
  story.ready(0);
  assert.deepEqual(story.finished("a"), ["stopWorker 0"]);
});

test("PoolPolicy lets no worker go while the pool looks for what happens next", () => {
  const story = new Story({ maxWorkers: 1, idleTimeout: 0 });
  story.submitted("a");
  story.ready(0);
  for (let round = 0; round < 3; round += 1) {
    assert.deepEqual(story.finished("a", { goesOn: true }), []);
    assert.deepEqual(story.submitted("a"), ["dispatch 0 a"]);
  }
  assert.deepEqual(story.finished("a", { goesOn: true }), []);
  assert.equal(story.policy.state.newlyIdle.length, 1);
  assert.deepEqual(story.turn(), ["stopWorker 0"]);
});

test("PoolPolicy uses the worker that became idle last, so that spare ones leave", () => {
  const story = Story.withWorkers(2, { settings: { idleTimeout: 50 } });
  for (let round = 0; round < 3; round += 1) {
    story.now += 20;
    story.submitted("a");
    assert.equal(story.task("a").worker?.index, 1);
    story.finished("a");
  }
  assert.deepEqual(story.passed(0), ["stopWorker 0"]);
});

test("PoolPolicy replaces a worker after maxTasksPerWorker tasks, with a backlog and in batches", () => {
  const story = new Story({ maxWorkers: 1, maxTasksPerWorker: 3 });
  story.submitted("abcdefg");
  assert.deepEqual(story.ready(0), ["dispatch 0 a"]);
  assert.deepEqual(story.finished("a", { ms: 0.01 }), ["dispatch 0 bc"]);
  assert.deepEqual(story.finished("bc", { ms: 0.01 }), ["stopWorker 0"]);
  assert.deepEqual(story.exited(0), ["startWorker 0"]);
  assert.deepEqual(story.ready(0), ["dispatch 0 def"]);
});

test("PoolPolicy counts tasks that were taken back as not given", () => {
  const story = Story.withWorkers(1, { ms: 0.01, settings: { maxWorkers: 2, maxTasksPerWorker: 4 } });
  assert.deepEqual(story.submitted("abc"), ["dispatch 0 abc"]);
  story.passed(10);
  story.takenBack(0, "cb");
  assert.deepEqual(story.finished("a", { ms: 50 }), ["dispatch 0 b"]);
});

test("PoolPolicy replaces a worker whose memory has grown too large, between tasks", () => {
  const story = Story.withWorkers(1, { ms: 0.01, settings: { maxMemoryPerWorker: 1_000 } });
  story.submitted("abc");
  assert.deepEqual(story.finished("a", { ms: 0.01, memory: 1_001 }), ["takeBack 0 2"]);
  assert.deepEqual(story.takenBack(0, "cb"), ["markPending b", "stopWorker 0"]);
  assert.deepEqual(story.exited(0), ["startWorker 0"]);
});

test("PoolPolicy lets the program end while all workers are idle, and not while one has a task", () => {
  const story = new Story({ maxWorkers: 1 }, ["timer", "running"]);
  assert.deepEqual(story.submitted("a"), ["startWorker 0"]);
  assert.deepEqual(story.ready(0), ["dispatch 0 a"]);
  assert.deepEqual(story.finished("a"), ["releaseWorker 0"]);
  assert.deepEqual(story.submitted("b"), ["holdWorker 0", "dispatch 0 b"]);
});

test("PoolPolicy does not wait for a worker that starts for nothing", () => {
  const story = new Story({ maxWorkers: 1 }, ["timer", "running"]);
  story.submitted("a");
  assert.deepEqual(story.withdrawn("a"), ["releaseWorker 0"]);
  assert.deepEqual(story.submitted("b"), ["holdWorker 0"]);
});

test("PoolPolicy sets its timer only when something comes sooner", () => {
  const story = new Story({ maxWorkers: 1 }, ["hold", "running", "notes"]);
  story.submitted("a", { queueTimeout: 100 });
  assert.deepEqual(story.submit("b", { queueTimeout: 200 }), []);
  assert.deepEqual(story.submit("c", { queueTimeout: 50 }), ["setTimer 50"]);
  story.withdrawn("c");
  assert.deepEqual(story.passed(50), ["setTimer 100"]);
});
