// The pool over workers that do what each test says, with a clock that stands still: every step is chosen.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BrokenExecutorError,
  CancelledError,
  ExecutorShutdownError,
  QueueFullError,
  SerializationError,
  TimeoutError,
  WorkerLostError,
  WorkerStartError,
} from "dure";
import type { Future } from "#dure/contract/future.js";
import type { WireTask } from "#dure/protocol/messages.js";
import { DIED, Stage, turn, work } from "./scripted-host.ts";

/** What a future failed or was cancelled with. */
async function reasonOf(future: Future<unknown>): Promise<unknown> {
  return future.then(
    () => assert.fail("the future succeeded"),
    (error: unknown) => error,
  );
}

test("submit() sends nothing before the turn ends, and then one message", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const futures = [stage.submit(), stage.submit(), stage.submit()];
  assert.equal(worker.runs.length, 1);
  await turn();
  assert.equal(worker.runs.length, 2);
  assert.equal(worker.runs[1]?.tasks.length, 3);
  for (const value of [1, 2, 3]) worker.do(value);
  assert.deepEqual(await Promise.all(futures), [1, 2, 3]);
});

test("submit() starts nothing within the call", () => {
  const stage = new Stage();
  stage.submit();
  assert.equal(stage.host.workers.length, 0);
});

test("Future follows its task: pending, running with its worker, done", async () => {
  const stage = new Stage();
  const future = stage.submit();
  assert.equal(future.state, "pending");
  await turn();
  assert.equal(future.state, "pending");
  stage.host.worker(0).ready();
  assert.equal(future.state, "running");
  assert.equal(future.worker?.index, 0);
  stage.host.worker(0).do("result");
  assert.equal(future.state, "done");
  assert.equal(future.attempts, 1);
});

test("Pool gives a worker its next task before it settles the future of the last", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const first = stage.submit();
  stage.submit();
  await turn();
  let runsWhenSettled = 0;
  first.addDoneCallback(() => (runsWhenSettled = worker.runs.length));
  worker.do(1);
  assert.equal(runsWhenSettled, 3);
});

test("submit() gives a future that has failed when a function or argument cannot cross, and no other task is hit", async () => {
  const stage = new Stage();
  const good = stage.submit();
  const badArgument = stage.submit({}, "uncrossable");
  const badFunction = stage.pool.submit(function uncrossable() {}, [], {});
  assert.equal(badArgument.state, "failed");
  assert.match(String(await reasonOf(badArgument)), /the value cannot cross/);
  assert.match(String(await reasonOf(badFunction)), /the function cannot cross/);
  await turn();
  stage.host.worker(0).ready();
  stage.host.worker(0).do("fine");
  assert.equal(await good, "fine");
});

test("Pool fails a task whose message cannot be carried, and sends the others of its batch", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  worker.unsendable = "poison";
  const futures = [stage.submit({ label: "a" }), stage.submit({ label: "poison" }), stage.submit({ label: "b" })];
  await turn();
  assert.ok((await reasonOf(futures[1] as Future<unknown>)) instanceof SerializationError);
  worker.do(1);
  worker.do(2);
  assert.deepEqual([await futures[0], await futures[2]], [1, 2]);
});

test("Pool fails only the future whose result cannot be unpacked", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const [bad, good] = [stage.submit(), stage.submit()];
  await turn();
  const tasks = [worker.begin(), worker.begin()];
  worker.say({
    type: "finished",
    outcomes: [
      [tasks[0]![0], true, "cannot be unpacked", true, 1],
      [tasks[1]![0], true, "fine", false, 1],
    ],
  });
  assert.match(String(await reasonOf(bad)), /the result cannot be unpacked/);
  assert.equal(await good, "fine");
});

test("Pool settles after the modules of a message's templates have loaded, in order", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const order: number[] = [];
  const futures = [0, 1].map((n) => {
    const future = stage.submit();
    future.addDoneCallback(() => order.push(n));
    return future;
  });
  await turn();
  let loaded: () => void = () => {};
  stage.crossing.loading = new Promise((resolve) => (loaded = resolve));
  const template = { kind: "global", id: 7, path: ["Math"] } as const;
  worker.say({ type: "finished", templates: [template], outcomes: [[worker.begin()[0], true, 1, false, 1]] });
  worker.do(2);
  await turn();
  assert.deepEqual(order, []);
  loaded();
  await Promise.all(futures);
  assert.deepEqual(order, [0, 1]);
});

test("Pool ignores outcomes of tasks that it does not know", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const future = stage.submit();
  await turn();
  const task = worker.begin();
  worker.say({ type: "finished", outcomes: [[123_456, true, 1, false, 1]] });
  worker.finish(task, "right");
  worker.finish(task, "late");
  assert.equal(await future, "right");
});

test("Pool passes progress on", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const future = stage.submit();
  await turn();
  const task = worker.begin();
  worker.say({ type: "progress", taskId: task[0], fraction: 0.5, note: "half" });
  assert.deepEqual(future.progress, { fraction: 0.5, note: "half" });
  worker.finish(task, 1);
});

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
  await stage.clock.pass(200);
  controller.abort();
  assert.equal(future.state, "cancelled");
  const other = stage.submit();
  await turn();
  assert.equal(worker.waiting.length, 1);
  const [runId, slot] = worker.waiting.shift() as WireTask;
  assert.equal(worker.far?.begin(slot), false);
  worker.say({ type: "finished", outcomes: [[runId, false, undefined, false, 0]] });
  worker.do("unhurt");
  assert.equal(await other, "unhurt");
  assert.deepEqual([worker.isKilled, stage.pool.stats().workersStarted, stage.pool.stats().failed], [false, 1, 0]);
});

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

test("maxQueue: one more than may wait fails with QueueFullError", async () => {
  const stage = new Stage({ maxWorkers: 1, maxQueue: 2 });
  const futures = [stage.submit(), stage.submit(), stage.submit()];
  const error = await reasonOf(stage.submit());
  assert.ok(error instanceof QueueFullError);
  assert.equal(error.maxQueue, 2);
  assert.deepEqual(
    futures.map((future) => future.state),
    ["pending", "pending", "pending"],
  );
});

test("a message that cannot be read fails one future", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const [lost, next] = [stage.submit(), stage.submit()];
  await turn();
  worker.begin();
  const cause = new Error("unreadable");
  worker.garble(cause);
  const error = await reasonOf(lost);
  assert.equal((error as Error).cause, cause);
  await turn();
  worker.do("next");
  assert.equal(await next, "next");
});

test("templates and functions are sent once per worker, and forgotten when nobody needs them", async () => {
  const stage = new Stage();
  stage.crossing.constant = false;
  stage.crossing.templates = [{ kind: "global", id: 3, path: ["Math", "max"] }];
  const worker = await stage.warm();
  const first = worker.runs[0];
  assert.deepEqual(
    first?.functions?.map((fn) => fn.name),
    ["work"],
  );
  assert.deepEqual(
    first?.templates?.map((template) => template.id),
    [3],
  );
  const second = stage.submit();
  await turn();
  worker.do(1);
  await second;
  assert.equal(worker.runs[1]?.templates, undefined);
  assert.deepEqual(worker.runs[1]?.forget, [first?.functions?.[0]?.id]);
  // Nothing more comes along: it is told by itself.
  await stage.clock.pass(100);
  assert.deepEqual(worker.runs[2], { type: "run", forget: [worker.runs[1]?.functions?.[0]?.id], tasks: [] });
});

test("prepare() sends its function once, and lets it go on release", async () => {
  const stage = new Stage();
  stage.crossing.constant = false;
  const prepared = stage.pool.prepare(work, { task: {}, chunkSize: undefined });
  const futures = [prepared.submit([1]), prepared.submit([2])];
  await turn();
  const worker = stage.host.worker(0);
  worker.ready();
  worker.do(1);
  worker.do(2);
  await Promise.all(futures);
  assert.deepEqual(
    worker.runs.map((run) => run.functions?.length),
    [1, undefined],
  );
  prepared.release();
  const later = stage.submit();
  await turn();
  assert.equal(worker.runs[2]?.forget?.length, 1);
  worker.do(3);
  await later;
});

test("prepare().abort() gives up exactly the futures it is given", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const prepared = stage.pool.prepare(work, { task: {}, chunkSize: 3 });
  const futures = [1, 2, 3].map((n) => prepared.submit([n]));
  await turn();
  const begun = worker.begin();
  const reason = new Error("the loop was left");
  prepared.abort(futures.slice(0, 2), reason);
  assert.deepEqual(
    futures.map((future) => future.state),
    ["cancelled", "cancelled", "pending"],
  );
  worker.finish(begun, "ignored");
  worker.do("third");
  assert.equal(await futures[2], "third");
});

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

test("submitting from a done-callback works", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  const inner = new Promise((resolve) => stage.submit().addDoneCallback(() => resolve(stage.submit())));
  await turn();
  worker.do(1);
  await turn();
  worker.do("inner");
  assert.equal(await inner, "inner");
});

test("without claims one worker has one task, which counts as running", async () => {
  const stage = new Stage({}, { hasClaims: false });
  const worker = await stage.warm();
  const [first, second] = [stage.submit(), stage.submit()];
  await turn();
  assert.equal(worker.waiting.length, 1);
  assert.equal(first.cancel(), false);
  assert.equal(second.cancel(), true);
  worker.do(1);
  assert.equal(await first, 1);
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
  assert.ok((await reasonOf(moved)) instanceof WorkerLostError);
});
