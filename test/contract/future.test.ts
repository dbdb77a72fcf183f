import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { inspect, types } from "node:util";
import { CancelledError, TimeoutError } from "dure";
import { Future, settler } from "#dure/contract/future.js";
import { isCollected } from "../garbage.js";

type AnyFuture = Future<unknown>;

/** Lets all microtasks run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function pending(): AnyFuture {
  return new Future<unknown>({ withdraw: () => true });
}

function running(): AnyFuture {
  // A running task cannot be withdrawn.
  const future = new Future<unknown>({ withdraw: () => false });
  settler.running(future);
  return future;
}

function done(value: unknown): AnyFuture {
  const future = running();
  settler.fulfil(future, value);
  return future;
}

function failed(error: unknown): AnyFuture {
  const future = running();
  settler.observe(future);
  settler.fail(future, error);
  return future;
}

function cancelled(): AnyFuture {
  const future = pending();
  future.cancel();
  return future;
}

const error = new Error("failed");

test("1. Future answers cancelled, running and done in each of its states", () => {
  const stopped = running();
  settler.cancel(stopped);
  const answers = [pending(), running(), stopped, failed(error), done(1), cancelled()].map((f) => [f.state, f.cancelled(), f.running(), f.done()]);
  assert.deepEqual(answers, [
    ["pending", false, false, false],
    ["running", false, true, false],
    ["cancelled", true, false, true],
    ["failed", false, false, true],
    ["done", false, false, true],
    ["cancelled", true, false, true],
  ]);
});

test("2. Future.cancel() that fails changes nothing", async () => {
  for (const future of [running(), failed(error), done(1)]) {
    const before = future.state;
    assert.equal(future.cancel(), false);
    assert.equal(future.state, before);
  }
  assert.equal(await done(1), 1);
});

test("2. Future.cancel() fails when the task has started in the meantime", () => {
  const future = new Future<unknown>({ withdraw: () => false });
  assert.equal(future.cancel(), false);
  assert.equal(future.state, "pending");
});

test("2. Future.cancel() of a cancelled future is true", () => {
  assert.equal(cancelled().cancel(), true);
});

test("3. Future.result() with timeout 0 times out on what has not ended, and leaves it alone", async () => {
  for (const future of [pending(), running()]) {
    const before = future.state;
    await assert.rejects(future.result({ timeout: 0 }), (thrown) => thrown instanceof TimeoutError && thrown.kind === "wait" && thrown.timeout === 0);
    assert.equal(future.state, before);
    assert.equal(settler.fulfil(future, 5), true);
    assert.equal(await future, 5);
  }
});

test("3. Future.result() returns, rethrows the same error, and throws CancelledError", async () => {
  assert.equal(await done(7).result({ timeout: 0 }), 7);
  await assert.rejects(failed(error).result({ timeout: 0 }), (thrown) => thrown === error);
  await assert.rejects(cancelled().result(), CancelledError);
});

test("4. Future.exception() mirrors result(): null on success", async () => {
  assert.equal(await done(7).exception(), null);
  assert.equal(await failed(error).exception({ timeout: 0 }), error);
  await assert.rejects(cancelled().exception(), CancelledError);
  await assert.rejects(pending().exception({ timeout: 0 }), TimeoutError);
  await assert.rejects(running().exception({ timeout: 1 }), TimeoutError);
});

test("5. Future wakes a waiter on a later result, error and cancel", async () => {
  const [first, second, third] = [pending(), pending(), pending()];
  const waiters = Promise.allSettled([first.result({ timeout: 60_000 }), second.exception({ timeout: 60_000 }), third]);
  settler.fulfil(first, 1);
  settler.fail(second, error);
  third.cancel();
  const [one, two, three] = await waiters;
  assert.deepEqual(one, { status: "fulfilled", value: 1 });
  assert.deepEqual(two, { status: "fulfilled", value: error });
  assert.equal(three.status === "rejected" && three.reason instanceof CancelledError, true);
});

test("6. Future calls its callbacks in the order added, exactly once, also on cancel", () => {
  const calls: unknown[] = [];
  const future = pending();
  for (const name of ["first", "second", "third"]) future.addDoneCallback((ended) => calls.push([name, ended.state]));
  future.cancel();
  settler.fulfil(future, 1);
  assert.deepEqual(calls, [
    ["first", "cancelled"],
    ["second", "cancelled"],
    ["third", "cancelled"],
  ]);
});

test("6. Future calls a callback at once if it has ended already", () => {
  const calls: unknown[] = [];
  done(1).addDoneCallback((ended) => calls.push(ended.state));
  assert.deepEqual(calls, ["done"]);
});

test("6. Future.addDoneCallback() refuses what is no function", () => {
  assert.throws(() => done(1).addDoneCallback(5 as never), { name: "TypeError", message: "Cannot add a done callback: expected a function, got 5" });
});

test("The first settling of a future wins", async () => {
  const future = done(1);
  assert.equal(settler.fulfil(future, 2), false);
  assert.equal(settler.fail(future, error), false);
  assert.equal(settler.cancel(future), false);
  assert.equal(settler.running(future), false);
  assert.equal(await future, 1);
});

test("Future is a Promise: await, then, catch, finally, all, race and allSettled take it", async () => {
  const promise: Promise<unknown> = done(1);
  assert.equal(await promise, 1);
  assert.equal(await done(1).then((value) => (value as number) + 1), 2);
  assert.equal(await failed(error).catch((thrown: unknown) => thrown), error);
  assert.equal(await failed(error).then(undefined, () => "handled"), "handled");
  assert.equal(await done(3).finally(() => 4), 3);
  assert.deepEqual(await Promise.all([done(1), done(2)]), [1, 2]);
  assert.equal(await Promise.race([pending(), done(2)]), 2);
  assert.equal((await Promise.allSettled([failed(error)]))[0]?.status, "rejected");
  await assert.rejects(async () => await failed(error), error);
  assert.equal(Object.prototype.toString.call(pending()), "[object Future]");
});

test("Future is taken as it is by whatever takes promises, and derives plain ones", async () => {
  const future = done(1);
  assert.ok(types.isPromise(future));
  assert.equal(Promise.resolve(future), future);
  const derived = future.then();
  assert.equal(derived instanceof Future, false);
  assert.equal(await derived, 1);
  assert.equal(Future.prototype.constructor, Future);
});

test("Future asks nothing of a result with a then of its own before somebody awaits it", async () => {
  let asked = 0;
  const thenable = {
    // oxlint-disable-next-line unicorn/no-thenable -- what is tested.
    then(resolve: (value: unknown) => void): void {
      asked += 1;
      resolve("its value");
    },
  };
  const future = done(thenable);
  await turn();
  assert.equal(asked, 0);
  assert.equal(await future, "its value");
  assert.equal(asked, 1);
});

test("Future cannot be made by what it inherits from Promise", () => {
  const inherited = Future as unknown as typeof Promise;
  for (const make of [() => inherited.resolve(1), () => inherited.all([]), () => new inherited(() => {})])
    assert.throws(make, { name: "TypeError", message: "Cannot make a future: they come from submit()" });
});

test("Future.then() never calls a handler inside the call that settles it, and keeps their order", async () => {
  const calls: string[] = [];
  const future = pending();
  const both = [future.then(() => calls.push("first")), future.then(() => calls.push("second"))];
  settler.fulfil(future, 1);
  calls.push("settled");
  await Promise.all(both);
  assert.deepEqual(calls, ["settled", "first", "second"]);
});

test("Future.then() calls its handlers in the async context of its caller", async () => {
  const storage = new AsyncLocalStorage<string>();
  const future = pending();
  const seen = storage.run("the caller's", () => future.then(() => storage.getStore()));
  storage.run("the settler's", () => settler.fulfil(future, 1));
  assert.equal(await seen, "the caller's");
  const failing = pending();
  const caught = storage.run("the caller's", () => failing.catch(() => storage.getStore()));
  storage.run("the settler's", () => settler.fail(failing, error));
  assert.equal(await caught, "the caller's");
});

test("Future says who ran it, how often, and when", () => {
  const future = pending();
  assert.deepEqual([future.worker, future.attempts, future.timings.started, future.timings.finished], [undefined, 0, undefined, undefined]);
  settler.running(future, { index: 1, pid: 42 });
  settler.pending(future, 1);
  settler.running(future, { index: 0, threadId: 7 });
  settler.progress(future, { fraction: 0.5, note: "half" });
  settler.fulfil(future, 1);
  settler.progress(future, { fraction: 0.9, note: "late" });
  const { submitted, started, finished } = future.timings;
  assert.deepEqual([future.worker, future.attempts, future.progress], [{ index: 0, threadId: 7 }, 2, { fraction: 0.5, note: "half" }]);
  assert.ok(submitted <= (started as number) && (started as number) <= (finished as number));
});

test("Future.result() refuses a timeout that is no number of milliseconds, also when it has ended", () => {
  for (const timeout of [-1, NaN]) assert.throws(() => done(1).result({ timeout }), { name: "RangeError" });
  assert.throws(() => done(1).result({ timeout: "5" as never }), {
    name: "TypeError",
    message: 'Cannot wait for the future: timeout must be a number of milliseconds, 0 or more, got "5"',
  });
  for (const wait of [() => done(1).result(5 as never), () => done(1).exception(5 as never)])
    assert.throws(wait, { name: "TypeError", message: "Cannot wait for the future: expected an object of options, got 5" });
  assert.throws(() => done(1).result({ timeOut: 5 } as never), { message: /unknown option timeOut, did you mean timeout/ });
});

test("Future.result() takes a timeout longer than the platform's timers", async () => {
  const future = pending();
  const result = future.result({ timeout: 2 ** 40 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  settler.fulfil(future, 1);
  assert.equal(await result, 1);
});

test("Future prints its state and its value or error", () => {
  assert.equal(inspect(pending()), "Future { state: 'pending' }");
  assert.equal(inspect(done({ a: 1 })), "Future { state: 'done', value: { a: 1 } }");
  assert.match(inspect(failed(error)), /^Future \{\n? *state: 'failed',\n? *error: Error: failed/);
  assert.match(inspect({ nested: cancelled() }), /state: 'cancelled'/);
});

test("Future keeps nothing of its owner once it has ended", async () => {
  const future = ((): { future: AnyFuture; owner: WeakRef<object> } => {
    const owner = { withdraw: () => true };
    return { future: new Future<unknown>(owner), owner: new WeakRef(owner) };
  })();
  settler.fulfil(future.future, 1);
  assert.ok(await isCollected(future.owner));
  assert.equal(await future.future, 1);
});

test("Future.result() that timed out leaves nothing behind on the future", async () => {
  const future = pending();
  const waited = await (async (): Promise<WeakRef<object>> => {
    const result = future.result({ timeout: 1 });
    await result.catch(() => {});
    return new WeakRef(result);
  })();
  assert.ok(await isCollected(waited));
  assert.equal(future.state, "pending");
});
