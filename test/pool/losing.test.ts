// The pool over workers that do what each test says, with a clock that stands still: what becomes of tasks whose attempt failed or whose worker died.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokenExecutorError, WorkerLostError } from "dure";
import type { Future } from "#dure/contract/future.js";
import { pauseAfter } from "#dure/pool/task-order.js";
import { randomNumbers } from "../chaos.ts";
import { reasonOf, Stage, turn } from "./scripted-host.ts";

test("Future.attempts does not count a hand-over to a worker that died before it began", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const future = stage.submit();
  await turn();
  assert.equal(future.state, "running");
  worker.exit();
  assert.equal(future.state, "pending");
  assert.equal(future.attempts, 0);
  await stage.clock.pass(1_000);
  stage.host.worker(1).ready();
  stage.host.worker(1).do("done");
  assert.equal(await future, "done");
  assert.equal(future.attempts, 1);
});

test("retries: runs the task again after its backoff, and settles with the first success", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const asked: unknown[] = [];
  const backoff = (attempt: number, error: unknown) => (asked.push([attempt, (error as Error).message]), 20);
  const future = stage.submit({ retries: { limit: 3, backoff } });
  await turn();
  worker.fail(worker.begin(), new Error("one"));
  assert.equal(future.state, "pending");
  await stage.clock.pass(20);
  const second = worker.begin();
  assert.equal(second[5], 2);
  worker.fail(second, new Error("two"));
  await stage.clock.pass(20);
  worker.do("at last");
  assert.equal(await future, "at last");
  assert.equal(future.attempts, 3);
  assert.deepEqual(asked, [
    [1, "one"],
    [2, "two"],
  ]);
});

test("retries: a pause without end is no further attempt", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const future = stage.submit({ retries: { limit: 3, backoff: () => Infinity } });
  await turn();
  worker.fail(worker.begin(), new Error("one"));
  assert.equal(((await reasonOf(future)) as Error).message, "one");
  assert.equal(future.attempts, 1);
});

test("a message with several outcomes that cannot be read fails each of them, and no other", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const futures = [stage.submit(), stage.submit(), stage.submit(), stage.submit()];
  await turn();
  worker.begin();
  worker.begin();
  // One message with both; of the others the worker has begun none.
  worker.garble(new Error("unreadable"));
  assert.match(String(await reasonOf(futures[0] as Future<unknown>)), /The outcome of the task "work" could not be read/);
  const second = await reasonOf(futures[1] as Future<unknown>);
  assert.match(String(second), /The outcome of the task "work" could not be read/);
  assert.equal(stage.pool.stats().workersLost, 0);
  await turn();
  stage.host.worker(1).ready();
  await turn();
  stage.host.worker(1).do(3);
  stage.host.worker(1).do(4);
  assert.deepEqual([await futures[2], await futures[3]], [3, 4]);
});

test("retries: pauses that grow, up to a maximum, and are spread at random", async () => {
  const growing = { initial: 100, factor: 3, maximum: 1_000 };
  const longest = [1, 2, 3, 4].map((attempt) => pauseAfter(attempt, { ...growing, jitter: 0 }));
  assert.deepEqual(longest, [100, 300, 900, 1_000]);
  const random = randomNumbers("pauses");
  const pauses = Array.from({ length: 1_000 }, () => pauseAfter(2, growing, random));
  assert.ok(Math.min(...pauses) >= 0 && Math.min(...pauses) < 20 && Math.max(...pauses) <= 300 && Math.max(...pauses) > 280);
  const half = Array.from({ length: 1_000 }, () => pauseAfter(2, { ...growing, jitter: 0.5 }, random));
  assert.ok(Math.min(...half) >= 150 && Math.max(...half) <= 300);
});

test("retries: a growing pause is waited for", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const future = stage.submit({ retries: { limit: 2, backoff: { initial: 40, jitter: 0 } } });
  await turn();
  worker.fail(worker.begin(), new Error("one"));
  await stage.clock.pass(39);
  assert.equal(worker.waiting.length, 0);
  await stage.clock.pass(1);
  worker.fail(worker.begin(), new Error("two"));
  await stage.clock.pass(79);
  assert.equal(worker.waiting.length, 0);
  await stage.clock.pass(1);
  worker.do("at last");
  assert.equal(await future, "at last");
});

test("retries: a task that has taken three workers down is given up, and its error says so", async () => {
  const stage = new Stage();
  const future = stage.submit({ retries: 10, label: "poison" });
  await turn();
  for (let n = 0; n < 3; n += 1) {
    stage.host.worker(n).ready();
    stage.host.worker(n).begin();
    stage.host.worker(n).exit();
    await turn();
  }
  const error = await reasonOf(future);
  assert.ok(error instanceof WorkerLostError);
  assert.equal(error.task, "poison");
  assert.match(error.message, /"poison".*\. The task is not tried again, as it has ended 3 workers$/);
  assert.equal(future.attempts, 3);
});

test("retries: fails with the task's own error when `on` says no, or the limit is reached", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const refused = stage.submit({ retries: { limit: 3, on: (error) => (error as Error).message !== "fatal" } });
  await turn();
  const fatal = new Error("fatal");
  worker.fail(worker.begin(), fatal);
  assert.equal(await reasonOf(refused), fatal);
  const limited = stage.submit({ retries: 1 });
  await turn();
  worker.fail(worker.begin(), new Error("one"));
  await turn();
  const last = new Error("two");
  worker.fail(worker.begin(), last);
  assert.equal(await reasonOf(limited), last);
});

test("retries: keep the program alive while they wait", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const future = stage.submit({ retries: { limit: 1, backoff: 50 } });
  await turn();
  worker.fail(worker.begin(), new Error("one"));
  await turn();
  assert.equal(worker.isHeld, false);
  assert.ok([...stage.clock.timers].some((timer) => timer.isHeld));
  await stage.clock.pass(50);
  worker.do(1);
  await future;
});

test("Pool fails the running task with WorkerLostError, and hands the others of its batch on", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const lost = stage.submit({ label: "deadly" });
  const other = stage.submit();
  await turn();
  worker.begin();
  worker.exit();
  const error = await reasonOf(lost);
  assert.ok(error instanceof WorkerLostError);
  assert.deepEqual([error.exitCode, error.signal, error.likelyCause, error.workerIndex, error.task], [1, null, "process.exit", 0, "deadly"]);
  assert.match(error.message, /exit code 1.*process\.exit/);
  await turn();
  stage.host.worker(1).ready();
  stage.host.worker(1).do("handed on");
  assert.equal(await other, "handed on");
  assert.equal(other.attempts, 1);
});

test('onWorkerDeath "break": every future fails with its own error, and so does what is submitted later', async () => {
  const stage = new Stage({ maxWorkers: 2, onWorkerDeath: "break" });
  const futures = [stage.submit(), stage.submit(), stage.submit()];
  await turn();
  for (const worker of stage.host.workers) worker.ready();
  stage.host.worker(0).begin();
  stage.host.worker(0).exit();
  const errors = await Promise.all([...futures, stage.submit()].map(reasonOf));
  for (const error of errors) {
    assert.ok(error instanceof BrokenExecutorError);
    assert.ok(error.cause instanceof WorkerLostError);
  }
  assert.equal(new Set(errors).size, 4);
  assert.equal(stage.pool.stats().state, "broken");
  await stage.pool.shutdown();
  assert.ok(stage.host.workers.every((worker) => worker.isGone));
});

test("a worker that dies while it loads the module of a task costs that task and no other", async () => {
  // 1. The first of a batch needs a module. 2. The worker says so and dies before anything has begun.
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const [poisonous, innocent] = [stage.submit(), stage.submit()];
  await turn();
  worker.say({ type: "loading", taskId: worker.waiting[0]?.[0] as number });
  worker.exit();
  const error = await reasonOf(poisonous);
  assert.ok(error instanceof WorkerLostError);
  assert.match(error.message, /while it loaded the module of the task/);
  assert.deepEqual([poisonous.attempts, innocent.state, innocent.attempts], [1, "pending", 0]);
  await turn();
  stage.host.worker(1).ready();
  await turn();
  stage.host.worker(1).do("done");
  assert.equal(await innocent, "done");
});

test("a worker that dies after the task whose module it loaded was taken back costs no task", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const [withdrawn, innocent] = [stage.submit(), stage.submit()];
  await turn();
  worker.say({ type: "loading", taskId: worker.waiting[0]?.[0] as number });
  withdrawn.cancel();
  worker.exit();
  await turn();
  assert.deepEqual([innocent.state, innocent.attempts], ["pending", 0]);
  await stage.pool.terminate();
});

test("a buffer that moved is not sent twice: its task fails when its worker dies before it begins", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const first = stage.submit();
  stage.crossing.transfer = [new ArrayBuffer(8)];
  const moved = stage.submit();
  stage.crossing.transfer = [];
  await turn();
  worker.begin();
  worker.exit();
  assert.ok((await reasonOf(first)) instanceof WorkerLostError);
  const error = await reasonOf(moved);
  assert.ok(error instanceof WorkerLostError);
  assert.match(error.message, /before it began the task .*, whose buffers had moved to it/);
});
