import assert from "node:assert/strict";
import { test } from "node:test";
import type { CompletedFuture } from "dure";
import { TimeoutError } from "dure";
import { asCompleted } from "#dure/combinators/as-completed.js";
import { Future, settler } from "#dure/contract/future.js";
import { isCollected } from "../garbage.js";

function pending(): Future<unknown> {
  return new Future<unknown>({ withdraw: () => true });
}

/** A future that has ended and that only its receiver holds. */
function ending(): Future<unknown> {
  const future = pending();
  settler.fulfil(future, 0);
  return future;
}

async function values(completed: AsyncIterable<CompletedFuture<Future<unknown>>>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const { future, index } of completed) all.push([index, await future]);
  return all;
}

test("asCompleted() yields the finished first, then in finishing order, duplicates once", async () => {
  const futures = [pending(), pending(), pending()];
  const [first, second, third] = futures as [Future<unknown>, Future<unknown>, Future<unknown>];
  settler.fulfil(second, "second");
  const all = values(asCompleted([first, second, third, first]));
  settler.fulfil(third, "third");
  settler.fulfil(first, "first");
  assert.deepEqual(await all, [
    [1, "second"],
    [2, "third"],
    [0, "first"],
  ]);
});

test("asCompleted() of nothing ends at once", async () => {
  assert.deepEqual(await values(asCompleted([])), []);
});

test("asCompleted() yields what has ended and then throws when its time is over", async () => {
  const futures = [pending(), pending(), pending(), pending()];
  for (const index of [1, 3]) settler.fulfil(futures[index] as Future<unknown>, index);
  const completed = asCompleted(futures, { timeout: 1 });
  await completed.next();
  await completed.next();
  await assert.rejects(completed.next(), (error) => error instanceof TimeoutError && error.kind === "wait" && error.message === "2 (of 4) futures unfinished");
  assert.deepEqual(await completed.next(), { done: true, value: undefined });
});

test("asCompleted() with timeout 0 yields what has ended only", async () => {
  const completed = asCompleted([pending()], { timeout: 0 });
  await assert.rejects(completed.next(), { message: "1 (of 1) futures unfinished" });
});

test("asCompleted() answers several calls of next() at once, each with its own future", async () => {
  const futures = [pending(), pending()];
  const completed = asCompleted(futures);
  const steps = [completed.next(), completed.next(), completed.next()];
  for (const future of futures) settler.fulfil(future, 0);
  const [first, second, third] = await Promise.all(steps);
  assert.equal(first?.value?.future, futures[0]);
  assert.equal(second?.value?.future, futures[1]);
  assert.deepEqual(third, { done: true, value: undefined });
});

test("asCompleted() left early yields no more, and its waiting calls end", async () => {
  const futures = [pending(), pending()];
  const completed = asCompleted(futures);
  const waiting = completed.next();
  await completed.return?.();
  settler.fulfil(futures[0] as Future<unknown>, 0);
  assert.deepEqual(await waiting, { done: true, value: undefined });
  assert.deepEqual(await completed.next(), { done: true, value: undefined });
});

test("asCompleted() keeps no future that it has yielded", async () => {
  const last = pending();
  const completed = asCompleted([ending(), last]);
  const yielded = new WeakRef((await completed.next()).value?.future as object);
  assert.ok(await isCollected(yielded));
  settler.fulfil(last, 0);
  assert.equal((await completed.next()).value.future, last);
});

test("asCompleted() left early leaves nothing behind on the futures that go on", async () => {
  const lasting = pending();
  const left = await (async (): Promise<WeakRef<object>> => {
    const completed = asCompleted([lasting]);
    await completed.return?.();
    return new WeakRef(completed);
  })();
  assert.ok(await isCollected(left));
  assert.equal(lasting.state, "pending");
});

test("asCompleted() refuses what is no future, and a timeout out of range, at once", () => {
  assert.throws(() => asCompleted(undefined as never), TypeError);
  assert.throws(() => asCompleted([1] as never), TypeError);
  assert.throws(() => asCompleted([], { timeout: NaN }), RangeError);
  assert.throws(() => asCompleted([], { timout: 1 } as never), { message: "Cannot iterate over the futures: unknown option timout, did you mean timeout" });
});
