// What becomes of tasks when workers die, refuse to start or cannot be understood.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Story } from "./policy-story.ts";

const SHORT = { ms: 0.05 };

test("PoolPolicy fails only what had begun when a worker dies", () => {
  // 1. One worker has three tasks. 2. It dies while it runs the first. 3. The others have used up no attempt.
  const story = Story.withWorkers(1, SHORT);
  story.submitted("abc");
  story.submitted("d");
  assert.deepEqual(story.exited(0, 1), ["failTask a workerLost", "startWorker 0"]);
  assert.deepEqual(story.ready(0), ["dispatch 0 bcd"]);
  assert.deepEqual(
    ["b", "c", "d"].map((name) => story.task(name).attempts),
    [1, 0, 0],
  );
});

test("PoolPolicy takes back the start of a task that had not begun when its worker died", () => {
  const story = Story.withWorkers(1, SHORT);
  story.submitted("a");
  assert.deepEqual(story.exited(0, 0), ["markPending a"]);
  assert.equal(story.task("a").attempts, 0);
});

test("PoolPolicy fails all that had begun, as nobody knows what became of it", () => {
  const story = Story.withWorkers(1, SHORT);
  story.submitted("abc");
  assert.deepEqual(story.exited(0, 2), ["failTask a workerLost", "failTask b workerLost", "startWorker 0"]);
});

test("PoolPolicy asks whether a lost task is worth another attempt", () => {
  const story = Story.withWorkers(1);
  story.submitted("a", { retryLimit: 1 });
  assert.deepEqual(story.exited(0, 1), ["considerRetry a workerLost"]);
  assert.deepEqual(story.retried("a", 0), ["markPending a", "startWorker 0"]);
  story.ready(0);
  assert.deepEqual(story.exited(0, 1), ["failTask a workerLost"]);
});

test("PoolPolicy gives a task up that has taken three workers down", () => {
  const story = Story.withWorkers(1);
  story.submitted("a", { retryLimit: 10 });
  for (let killed = 1; killed < 3; killed += 1) {
    assert.deepEqual(story.exited(0, 1), ["considerRetry a workerLost"]);
    story.retried("a", 0);
    story.ready(0);
  }
  assert.deepEqual(story.exited(0, 1), ["failTask a workerLost"]);
});

test("PoolPolicy does not send a task twice whose buffers have moved", () => {
  const story = Story.withWorkers(1, SHORT);
  story.submitted("a");
  story.submitted("b", { sendOnce: true, retryLimit: 3 });
  story.submitted("c");
  assert.deepEqual(story.exited(0, 1), ["failTask b workerLost", "failTask a workerLost", "startWorker 0"]);
});

test("PoolPolicy breaks the pool when a worker dies, if asked to", () => {
  const story = Story.withWorkers(2, { settings: { breaksOnDeath: true } });
  story.submitted("abc");
  assert.deepEqual(story.exited(1, 1), ["breakPool workerLost", "failTask c broken", "failTask a broken", "failTask b broken", "killWorker 0"]);
  assert.equal(story.policy.admission, "broken");
  assert.deepEqual(story.exited(0, 1), []);
});

test("PoolPolicy starts a worker that came to nothing again, each time later, and then gives up", () => {
  const story = new Story({ maxWorkers: 1 });
  assert.deepEqual(story.submitted("ab"), ["startWorker 0"]);
  for (const pause of [50, 100, 200, 400]) {
    assert.deepEqual(story.exited(0), []);
    assert.deepEqual(story.passed(pause - 1), []);
    assert.deepEqual(story.passed(1), ["startWorker 0"]);
  }
  assert.deepEqual(story.exited(0), ["breakPool startFailed", "failTask a broken", "failTask b broken"]);
});

test("PoolPolicy counts workers that fail to start together once", () => {
  const story = new Story({ maxWorkers: 5 });
  story.submitted("abcde");
  for (let index = 0; index < 5; index += 1) assert.deepEqual(story.exited(index), []);
  assert.equal(story.passed(50).length, 5);
});

test("PoolPolicy goes on with the workers that there are when no other can be started", () => {
  const story = new Story({ maxWorkers: 2 });
  story.submitted("ab");
  story.ready(0);
  for (let failures = 0; failures < 10; failures += 1) {
    story.exited(1);
    story.passed(1_000);
  }
  assert.equal(story.policy.isBroken, false);
  assert.deepEqual(story.finished("a"), ["dispatch 0 b"]);
});

test("PoolPolicy counts a worker that dies before it begins a task as one that could not be started", () => {
  const story = new Story({ maxWorkers: 1 });
  story.submitted("a");
  for (let failures = 0; failures < 4; failures += 1) {
    story.ready(0);
    story.exited(0, 0);
    assert.deepEqual(story.passed(1_000), ["startWorker 0"]);
  }
  story.ready(0);
  assert.deepEqual(story.exited(0, 0), ["markPending a", "breakPool startFailed", "failTask a broken"]);
});

test("PoolPolicy breaks the pool when an initializer fails, and lets running tasks end", () => {
  const story = new Story({ maxWorkers: 2 });
  story.submitted("abc");
  story.ready(0);
  assert.deepEqual(story.tell({ type: "workerRefused", worker: story.worker(1) }), [
    "stopWorker 1",
    "breakPool initializerFailed",
    "failTask b broken",
    "failTask c broken",
  ]);
  assert.deepEqual(story.exited(1), []);
  assert.deepEqual(story.finished("a"), ["stopWorker 0"]);
});

test("PoolPolicy fails the running task of a worker that dies in a pool that is broken already", () => {
  const story = new Story({ maxWorkers: 2, breaksOnDeath: true });
  story.submitted("ab");
  story.ready(0);
  story.tell({ type: "workerRefused", worker: story.worker(1) });
  assert.deepEqual(story.exited(0, 1), ["failTask a workerLost"]);
});

test("PoolPolicy fails the first task when a worker's message cannot be read, and replaces a worker whose state is doubtful", () => {
  const story = Story.withWorkers(1, SHORT);
  story.submitted("abc");
  assert.deepEqual(story.tell({ type: "workerGarbled", worker: story.worker(0), task: story.task("a") }), ["failTask a error", "takeBack 0 2", "stopWorker 0"]);
  assert.deepEqual(story.takenBack(0, "cb"), ["markPending b", "stopWorker 0"]);
  assert.deepEqual(story.exited(0), ["startWorker 0"]);
});

test("PoolPolicy fails what a worker never answers that it asked to end, and takes that for no death of it", () => {
  // 1. One message has told of both, and could not be read. 2. The worker has nothing more to say, and ends.
  const story = Story.withWorkers(1, { ...SHORT, settings: { breaksOnDeath: true } });
  story.submitted("ab", { retryLimit: 5 });
  story.tell({ type: "workerGarbled", worker: story.worker(0), task: story.task("a") });
  assert.deepEqual(story.exited(0, 1), ["considerRetry b workerLost"]);
  assert.equal(story.task("b").kills, 0);
  assert.equal(story.policy.isBroken, false);
});

test("PoolPolicy keeps a worker whose message cannot be read if only one task is in question", () => {
  const story = Story.withWorkers(1);
  story.submitted("ab");
  assert.deepEqual(
    [...story.tell({ type: "workerGarbled", worker: story.worker(0), task: story.task("a") }), ...story.turn()],
    ["failTask a error", "dispatch 0 b"],
  );
});

test("PoolPolicy fails a task that cannot be sent, and no other", () => {
  const story = Story.withWorkers(1);
  story.submitted("ab");
  assert.deepEqual([...story.tell({ type: "taskUnsendable", task: story.task("a") }), ...story.turn()], ["failTask a unsendable", "dispatch 0 b"]);
});
