// The pool while code of its user goes on and on submitting: workers are given tasks and heard meanwhile, and nothing that waits
// for outcomes runs in the middle of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stage, turn, work, type ScriptedWorker } from "./scripted-host.ts";

/** After which workers are seen to. */
const MANY = 512;

/** A pool of tiny tasks. */
async function warmStage(): Promise<{ stage: Stage; worker: ScriptedWorker }> {
  const stage = new Stage();
  return { stage, worker: await stage.warm(0.001) };
}

/** Submits so many that the worker has been given some when it returns, the first of which is given back. */
function beginLongTurn(stage: Stage): ReturnType<Stage["submit"]> {
  const first = stage.pool.submit(work, [], {});
  for (let n = 1; n < MANY; n += 1) void stage.submit();
  return first;
}

function submitMany(stage: Stage): void {
  for (let n = 0; n < MANY; n += 1) void stage.submit();
}

test("submit() gives workers tasks once there are many, although the turn goes on", async () => {
  const { stage, worker } = await warmStage();
  void beginLongTurn(stage);
  assert.equal(worker.runs.length, 2);
});

test("submit() gives workers tasks once the turn has lasted for long", async () => {
  const stage = new Stage();
  const worker = await stage.warm(1);
  void stage.submit();
  void stage.submit();
  assert.equal(worker.runs.length, 1);
  // No timer is due, so that it has passed at once.
  const passed = stage.clock.pass(10);
  void stage.submit();
  assert.equal(worker.runs.length, 2);
  await passed;
});

test("Future is done while the code goes on that submits, and its promise calls back afterwards", async () => {
  const { stage, worker } = await warmStage();
  const first = beginLongTurn(stage);
  let heard: unknown = "nothing";
  void first.then((value) => (heard = value));
  worker.doInRing("result");
  submitMany(stage);
  assert.equal(first.state, "done");
  assert.equal(heard, "nothing");
  await turn();
  assert.equal(heard, "result");
});

test("Future with a callback is not done before the code ends that submits: the callback runs then, and at once", async () => {
  const { stage, worker } = await warmStage();
  const first = beginLongTurn(stage);
  const states: string[] = [];
  first.addDoneCallback(({ state }) => states.push(state));
  worker.doInRing("result");
  submitMany(stage);
  assert.equal(first.done(), false);
  assert.deepEqual(states, []);
  await turn();
  assert.deepEqual(states, ["done"]);
});

test("Worker keeps the memory of a large result until the code has ended that submits, as it is read then", async () => {
  const { stage, worker } = await warmStage();
  const first = beginLongTurn(stage);
  const taken = worker.taken;
  worker.doInRing("coded", { coded: true });
  submitMany(stage);
  assert.equal(first.done(), false);
  assert.equal(worker.taken, taken);
  await turn();
  assert.equal(first.state, "done");
  assert.equal(worker.taken, taken + 1);
});

test("Worker is given more as it answers, in one turn", async () => {
  const { stage, worker } = await warmStage();
  void beginLongTurn(stage);
  submitMany(stage);
  // As many as may be under way.
  const given = (): number => worker.waiting.length;
  submitMany(stage);
  submitMany(stage);
  const most = given();
  for (let n = 0; n < 3 * MANY; n += 1) {
    if (worker.waiting.length > 0) worker.doInRing(n, { ms: 0.001 });
  }
  assert.equal(given(), 0);
  submitMany(stage);
  assert.ok(given() > 0, `${given()} after ${most}`);
  await turn();
});

test("Worker that cannot be heard gets more once it has come to the last of its tasks", async () => {
  const stage = new Stage();
  const worker = await stage.warm(3);
  worker.ring.isOpen = false;
  void beginLongTurn(stage);
  const given = worker.waiting.length;
  assert.ok(given > 0);
  submitMany(stage);
  assert.equal(worker.waiting.length, given);
  for (let n = 0; n < given; n += 1) void worker.begin();
  submitMany(stage);
  const more = worker.waiting.length;
  assert.ok(more > 0);
  // It has not begun these.
  submitMany(stage);
  assert.equal(worker.waiting.length, more);
  await turn();
});

test("Worker that cannot be heard and has come to its last task gets another although few are queued", async () => {
  const stage = new Stage();
  const worker = await stage.warm(3);
  worker.ring.isOpen = false;
  void stage.submit();
  await turn();
  worker.begin();
  void stage.submit();
  // Not so long that it counts as overrunning, of which a timer would tell.
  const passed = stage.clock.pass(6);
  void stage.submit();
  assert.equal(worker.waiting.length, 1);
  await passed;
});

test("Worker need not wake a pool that hears it, and must once the turn has ended", async () => {
  const { stage, worker } = await warmStage();
  void beginLongTurn(stage);
  assert.equal(worker.ring.isSeen, true);
  await turn();
  assert.equal(worker.ring.isSeen, false);
  void stage.submit();
  assert.equal(worker.ring.isSeen, false);
});

test("A callback that submits very many tasks gets no outcome in the middle of another", async () => {
  const stage = new Stage();
  const worker = await stage.warm(0.001);
  const futures = [stage.submit(), stage.submit()];
  await turn();
  const order: string[] = [];
  futures[0]!.addDoneCallback(() => {
    order.push("first begins");
    submitMany(stage);
    order.push("first ends");
  });
  futures[1]!.addDoneCallback(() => order.push("second"));
  const [one, two] = [worker.begin(), worker.begin()];
  worker.finish(one, 1);
  worker.finish(two, 2);
  assert.deepEqual(order, ["first begins", "first ends", "second"]);
  await turn();
});

test("cancel() of what has been answered while the turn goes on changes nothing", async () => {
  const { stage, worker } = await warmStage();
  const first = beginLongTurn(stage);
  first.addDoneCallback(() => {});
  worker.doInRing("result");
  submitMany(stage);
  assert.equal(first.cancel(), false);
  assert.equal(await first, "result");
  assert.equal(stage.pool.stats().cancelled, 0);
});
