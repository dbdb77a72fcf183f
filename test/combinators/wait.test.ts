import assert from "node:assert/strict";
import { test } from "node:test";
import { wait } from "#dure/combinators/wait.js";
import { Future, settler } from "#dure/contract/future.js";
import { isCollected } from "../garbage.js";

function pending(): Future<unknown> {
  return new Future<unknown>({ withdraw: () => true });
}

function done(value: unknown): Future<unknown> {
  const future = pending();
  settler.fulfil(future, value);
  return future;
}

test("wait() counts duplicates once", async () => {
  const one = done(1);
  const result = await wait([one, one]);
  assert.deepEqual([...result.done], [one]);
  assert.equal(result.notDone.size, 0);
});

test("wait() for FIRST_COMPLETED returns as soon as one ends, and at once if one already has", async () => {
  const [first, second] = [pending(), pending()];
  const waiting = wait([first, second], { returnWhen: "FIRST_COMPLETED" });
  settler.fulfil(second, 2);
  assert.deepEqual(await waiting, { done: new Set([second]), notDone: new Set([first]) });
  assert.deepEqual((await wait([first, second], { returnWhen: "FIRST_COMPLETED" })).done, new Set([second]));
});

test("wait() for FIRST_EXCEPTION ends with a failure but not with a cancellation", async () => {
  const [first, second, third] = [pending(), pending(), pending()];
  const waiting = wait([first, second, third], { returnWhen: "FIRST_EXCEPTION" });
  first.cancel();
  settler.fail(second, new Error("second"));
  assert.deepEqual(await waiting, { done: new Set([first, second]), notDone: new Set([third]) });
});

test("wait() for ALL_COMPLETED takes done, cancelled and failed futures alike", async () => {
  const futures = [pending(), pending(), pending(), done(0)];
  const waiting = wait(futures);
  futures[0]?.cancel();
  settler.fail(futures[1] as Future<unknown>, new Error("second"));
  settler.fulfil(futures[2] as Future<unknown>, 2);
  assert.deepEqual((await waiting).done, new Set(futures));
});

test("wait() times out by giving the partition, never by throwing", async () => {
  const [first, second] = [pending(), done(2)];
  const expected = { done: new Set([second]), notDone: new Set([first]) };
  assert.deepEqual(await wait([first, second], { timeout: 0 }), expected);
  assert.deepEqual(await wait([first, second], { timeout: 1 }), expected);
});

test("wait() for nothing ends at once", async () => {
  assert.deepEqual(await wait([]), { done: new Set(), notDone: new Set() });
});

test("wait() loses no wake-up when a hundred futures end at once", async () => {
  const futures = Array.from({ length: 100 }, pending);
  const waiting = wait(futures);
  for (const future of futures) settler.fulfil(future, 0);
  assert.equal((await waiting).done.size, 100);
});

test("wait() leaves nothing behind on a future that it no longer waits for", async () => {
  const lasting = pending();
  const ended = await (async (): Promise<WeakRef<object>> => {
    const ending = pending();
    const waiting = wait([lasting, ending], { returnWhen: "FIRST_COMPLETED" });
    settler.fulfil(ending, 0);
    await waiting;
    return new WeakRef(ending);
  })();
  assert.ok(await isCollected(ended));
  assert.equal(lasting.state, "pending");
});

test("wait() refuses what is no future, and options out of range, at once", () => {
  assert.throws(() => wait(5 as never), { name: "TypeError", message: "Cannot wait for the futures: expected an iterable of futures, got 5" });
  assert.throws(() => wait([Promise.resolve()] as never), {
    name: "TypeError",
    message: "Cannot wait for the futures: expected futures, as submit() gives them, got an object at index 0",
  });
  assert.throws(() => wait([], { timeout: -1 }), RangeError);
  assert.throws(() => wait([], { returnWhen: "FIRST" as never }), RangeError);
});
