// The pool over workers that do what each test says, with a clock that stands still: cancelling, aborting, and limits in time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TimeoutError, WorkerLostError } from "dure";
import { columnsOfOutcomes } from "#dure/protocol/columns.js";
import type { WireTask } from "#dure/protocol/messages.js";
import { reasonOf, Stage, turn } from "./scripted-host.ts";

test("Future.cancel() takes back a task that was handed over and has not begun", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const [first, second, third] = [stage.submit(), stage.submit(), stage.submit()];
  await turn();
  const begun = worker.begin();
  assert.equal(second.cancel(), true);
  assert.equal(first.cancel(), false);
  worker.finish(begun, "first");
  worker.do("third");
  assert.equal(await third, "third");
  assert.equal(stage.pool.stats().cancelled, 1);
});

test("Pool uses a control word again once its worker has passed it", async () => {
  // 1. 200 tasks are handed over, 199 of them cancelled. 2. 300 more follow: all run.
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const cancelled = Array.from({ length: 200 }, () => stage.submit());
  await turn();
  const begun = worker.begin();
  for (const future of cancelled.slice(1)) assert.equal(future.cancel(), true);
  worker.finish(begun, 0, 0.001);
  const rest = Array.from({ length: 300 }, () => stage.submit());
  let done = 0;
  while (done < 300) {
    await turn();
    worker.do(done, 0.001);
    done += 1;
  }
  assert.deepEqual((await Promise.all(rest)).length, 300);
});

test("signal: a pending task never runs, and rejects with the signal's reason", async () => {
  const stage = new Stage();
  const controller = new AbortController();
  const future = stage.submit({ signal: controller.signal });
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await reasonOf(future), reason);
  assert.equal(future.state, "cancelled");
  const late = stage.submit({ signal: controller.signal });
  assert.equal(await reasonOf(late), reason);
  await turn();
  stage.host.worker(0).ready();
  assert.equal(stage.host.worker(0).runs.length, 0);
});

test("signal: a task whose signal has aborted already starts nothing", async () => {
  const stage = new Stage();
  assert.equal(((await reasonOf(stage.submit({ signal: AbortSignal.abort(new Error("enough")) }))) as Error).message, "enough");
  await turn();
  assert.equal(stage.host.workers.length, 0);
});

test("signal: a running task is told, and its worker killed if it does not return; others are not disturbed", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const controller = new AbortController();
  const aborted = stage.submit({ signal: controller.signal });
  const other = stage.submit();
  await turn();
  const task = worker.begin();
  controller.abort();
  assert.equal(aborted.state, "cancelled");
  assert.equal(await reasonOf(aborted), controller.signal.reason);
  assert.equal(worker.far?.isAborted(task[1]), true);
  assert.deepEqual(worker.received.at(-1), {
    type: "abort",
    taskId: task[0],
    reason: { value: controller.signal.reason, coded: false, templates: [], transfer: [] },
  });
  assert.equal(worker.isKilled, false);
  await stage.clock.pass(100);
  assert.equal(worker.isKilled, true);
  stage.host.worker(1).ready();
  stage.host.worker(1).do("unhurt");
  assert.equal(await other, "unhurt");
  assert.equal(other.attempts, 1);
});

test("signal: a task that returns in time keeps its worker", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const controller = new AbortController();
  const future = stage.submit({ signal: controller.signal });
  await turn();
  const task = worker.begin();
  controller.abort();
  worker.finish(task, "ignored");
  await stage.clock.pass(1_000);
  assert.equal(worker.isKilled, false);
  assert.equal(future.state, "cancelled");
});

test("signal: one listener serves any number of tasks, and none is left", async () => {
  const stage = new Stage();
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = ((...args: Parameters<typeof add>) => (listeners++, add(...args))) as typeof add;
  signal.removeEventListener = ((...args: Parameters<typeof remove>) => (listeners--, remove(...args))) as typeof remove;
  const futures = Array.from({ length: 1_000 }, () => stage.submit({ signal }));
  assert.equal(listeners, 1);
  for (const future of futures) future.cancel();
  assert.equal(listeners, 0);
});

test("timeout: fails the future with TimeoutError, and stops the worker", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const future = stage.submit({ timeout: 50, label: "slow" });
  await turn();
  worker.begin();
  // Whether it has begun is seen after a millisecond.
  await stage.clock.pass(50);
  assert.equal(future.state, "running");
  await stage.clock.pass(1);
  const error = await reasonOf(future);
  assert.ok(error instanceof TimeoutError);
  assert.deepEqual([error.kind, error.timeout], ["run", 50]);
  assert.match(error.message, /"slow"/);
  await stage.clock.pass(100);
  assert.equal(worker.isKilled, true);
});

test("timeout: does not count while the worker loads the module of the task", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const future = stage.submit({ timeout: 50 });
  await turn();
  await stage.clock.pass(10_000);
  assert.equal(future.state, "running");
  worker.begin();
  await stage.clock.pass(49);
  assert.equal(future.state, "running");
  await stage.clock.pass(8);
  const error = await reasonOf(future);
  assert.ok(error instanceof TimeoutError && error.kind === "run");
});

test("timeout: spares a task that has ended although its outcome has not come, and its worker", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const [first, second] = [stage.submit({ timeout: 50 }), stage.submit()];
  await turn();
  const begun = [worker.begin(), worker.begin()];
  await stage.clock.pass(1_000);
  for (const [n, task] of begun.entries()) worker.finish(task, n);
  assert.deepEqual([await first, await second, worker.isKilled], [0, 1, false]);
});

test("signal: tells a task that runs behind others whose outcomes have not come, and kills its worker if it does not return", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const controller = new AbortController();
  const [first, second, third] = [stage.submit(), stage.submit({ signal: controller.signal }), stage.submit()];
  await turn();
  worker.begin();
  const [runId] = worker.begin();
  controller.abort();
  assert.equal(second.state, "cancelled");
  const told = worker.received.at(-1);
  assert.equal(told?.type === "abort" && told.taskId, runId);
  await stage.clock.pass(100);
  assert.equal(worker.isKilled, true);
  assert.ok((await reasonOf(first)) instanceof WorkerLostError);
  stage.host.worker(1).ready();
  stage.host.worker(1).do("unhurt");
  assert.equal(await third, "unhurt");
});

test("deadline: ends a task whose module never loads, and in the end its worker", async () => {
  const stage = new Stage({ stopGrace: 1_000 });
  const worker = await stage.warm(0.001);
  const future = stage.submit({ deadline: 200, timeout: 50 });
  const other = stage.submit();
  await turn();
  worker.say({ type: "loading", taskId: worker.waiting[0]?.[0] as number });
  await stage.clock.pass(200);
  const error = await reasonOf(future);
  assert.ok(error instanceof TimeoutError && error.kind === "deadline");
  assert.equal(worker.isKilled, false);
  await stage.clock.pass(1_000);
  assert.equal(worker.isKilled, true);
  await turn();
  stage.host.worker(1).ready();
  stage.host.worker(1).do("unhurt");
  assert.equal(await other, "unhurt");
  assert.equal(other.attempts, 1);
});

test("signal: a task whose module is loading keeps its worker, which goes on once it is through", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const controller = new AbortController();
  const future = stage.submit({ signal: controller.signal });
  await turn();
  worker.say({ type: "loading", taskId: worker.waiting[0]?.[0] as number });
  controller.abort();
  await stage.clock.pass(200);
  assert.equal(future.state, "cancelled");
  const other = stage.submit();
  await turn();
  assert.equal(worker.waiting.length, 1);
  const [runId, slot] = worker.waiting.shift() as WireTask;
  assert.equal(worker.far?.begin(slot), false);
  worker.say({ type: "finished", outcomes: columnsOfOutcomes([[runId, false, undefined, false, 0]]) });
  worker.do("unhurt");
  assert.equal(await other, "unhurt");
  assert.deepEqual([worker.isKilled, stage.pool.stats().workersStarted, stage.pool.stats().failed], [false, 1, 0]);
});

test("queueTimeout: fails a task that has not started, and leaves one that has alone", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const running = stage.submit({ queueTimeout: 50 });
  const waiting = stage.submit({ queueTimeout: 50 });
  await turn();
  const task = worker.begin();
  const reason = reasonOf(waiting);
  await stage.clock.pass(60);
  const error = await reason;
  assert.ok(error instanceof TimeoutError && error.kind === "queue");
  assert.equal(running.state, "running");
  worker.finish(task, 1);
  assert.equal(await running, 1);
});

test("deadline: counts from submit, through waiting and running", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const running = stage.submit({ deadline: 50 });
  const waiting = stage.submit({ deadline: 50 });
  await turn();
  worker.begin();
  await stage.clock.pass(50);
  for (const future of [running, waiting]) {
    const error = await reasonOf(future);
    assert.ok(error instanceof TimeoutError && error.kind === "deadline");
  }
});

test("Pool counts workers that had to be left behind", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  worker.end = "abandoned";
  const future = stage.submit({ timeout: 10 });
  await turn();
  worker.begin();
  await stage.clock.pass(111);
  assert.ok((await reasonOf(future)) instanceof TimeoutError);
  assert.equal(stage.pool.stats().abandonedWorkers, 1);
  assert.equal(stage.pool.stats().workersLost, 0);
});
