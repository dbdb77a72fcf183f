// The pool over workers that do what each test says, with a clock that stands still: what becomes of what is submitted: when it is sent, what cannot be, and how it comes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { QueueFullError, SerializationError } from "dure";
import type { Future } from "#dure/contract/future.js";
import { columnsOfOutcomes, NO_TASKS, tasksOf } from "#dure/protocol/columns.js";
import { reasonOf, Stage, turn, work } from "./scripted-host.ts";

test("submit() sends nothing before the turn ends, and then one message", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const futures = [stage.submit(), stage.submit(), stage.submit()];
  assert.equal(worker.runs.length, 1);
  await turn();
  assert.equal(worker.runs.length, 2);
  assert.equal(tasksOf(worker.runs[1]!.tasks).length, 3);
  for (const value of [1, 2, 3]) worker.do(value);
  assert.deepEqual(await Promise.all(futures), [1, 2, 3]);
});

test("submit() starts the first worker before it packs the task, and the others when the turn ends", async () => {
  const stage = new Stage({ maxWorkers: 2 });
  const { crossing, host } = stage;
  const started: number[] = [];
  const packFunction = crossing.packFunction.bind(crossing);
  crossing.packFunction = (fn) => {
    started.push(host.workers.length);
    return packFunction(fn);
  };
  void stage.submit();
  void stage.submit();
  assert.deepEqual(started, [1, 1]);
  assert.equal(host.workers.length, 1);
  await turn();
  assert.equal(host.workers.length, 2);
});

test("a worker that was started for a task that cannot be packed does not keep the program alive", async () => {
  const stage = new Stage();
  const failure = new SerializationError("no", { path: "args" });
  stage.crossing.packFunction = () => {
    throw failure;
  };
  assert.equal(await reasonOf(stage.submit()), failure);
  await turn();
  assert.equal(stage.host.worker(0).isHeld, false);
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
  void stage.submit();
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

test("Pool goes on after a task that no message can carry: with what waits behind it, and without keeping the program alive", async () => {
  const stage = new Stage();
  const worker = await stage.warm();
  worker.unsendable = "heavy";
  const heavy = stage.submit({ label: "heavy" });
  const next = stage.submit();
  await turn();
  assert.ok((await reasonOf(heavy)) instanceof SerializationError);
  await turn();
  worker.do("next");
  assert.equal(await next, "next");
  const last = stage.submit({ label: "heavy" });
  assert.ok((await reasonOf(last)) instanceof SerializationError);
  await turn();
  assert.equal(worker.isHeld, false);
});

test("Pool fails only the future whose result cannot be unpacked", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const [bad, good] = [stage.submit(), stage.submit()];
  await turn();
  const tasks = [worker.begin(), worker.begin()];
  worker.say({
    type: "finished",
    outcomes: columnsOfOutcomes([
      [tasks[0]![0], true, "cannot be unpacked", true, 1],
      [tasks[1]![0], true, "fine", false, 1],
    ]),
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
  worker.say({ type: "finished", templates: [template], outcomes: columnsOfOutcomes([[worker.begin()[0], true, 1, false, 1]]) });
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
  worker.say({ type: "finished", outcomes: columnsOfOutcomes([[123_456, true, 1, false, 1]]) });
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
  assert.deepEqual(worker.runs[2], { type: "run", forget: [worker.runs[1]?.functions?.[0]?.id], tasks: NO_TASKS });
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
