// map over a source whose tasks the test starts and ends by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { MapOptions, MapResult } from "dure";
import { CancelledError, InvalidStateError, TimeoutError } from "dure";
import { map as mapOver, starmap as starmapOver } from "#dure/combinators/map.js";
import { ScriptedSource } from "./scripted-source.js";

const fn = (x: number): number => x;

function map(source: ScriptedSource, items: Iterable<unknown> | AsyncIterable<unknown>, options?: MapOptions): MapResult<unknown> {
  return mapOver(source, fn as never, items, {}, options);
}

function* naturals(log: string[] = []): Generator<number> {
  try {
    for (let n = 0; ; n += 1) yield n;
  } finally {
    log.push("closed");
  }
}

/** Lets everything that is ready to run in this turn run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("map() reads up to the bound at once, and no further until results are handed out", async () => {
  const source = new ScriptedSource();
  const stream = map(source, naturals(), { bufferSize: 3 }).stream();
  assert.deepEqual(source.items, [0, 1, 2]);
  source.tasks.forEach((task) => task.finish());
  await turn();
  assert.deepEqual(source.items, [0, 1, 2]);
  assert.deepEqual(await stream.next(), { done: false, value: 0 });
  assert.deepEqual(source.items, [0, 1, 2, 3]);
  await stream.return?.();
});

test("map() without a bufferSize asks the rung each time how far to read", async () => {
  const source = new ScriptedSource();
  const stream = map(source, naturals()).stream();
  assert.equal(source.items.length, 4);
  source.readAhead = 10;
  source.tasks[0]?.finish();
  await stream.next();
  assert.equal(source.items.length, 11);
  await stream.return?.();
});

test("map() that reads far ahead reads an eighth of that at once, one by one where that would leave workers without items", async () => {
  const source = new ScriptedSource();
  source.readAhead = 64;
  const wide = map(source, naturals()).stream();
  source.tasks.forEach((task) => task.finish());
  for (let taken = 0; taken < 7; taken += 1) await wide.next();
  assert.equal(source.items.length, 64);
  await wide.next();
  assert.equal(source.items.length, 72);
  await wide.return?.();

  const narrow = map(source, naturals(), { bufferSize: 32 }).stream();
  source.tasks.forEach((task) => task.finish());
  await narrow.next();
  assert.equal(source.items.length, 72 + 33);
  await narrow.return?.();
});

test("map() that awaits very many items keeps those behind a long one in order, and stops them all when it fails", async () => {
  const source = new ScriptedSource();
  const count = 5000;
  const results = map(
    source,
    Array.from({ length: count }, (_, index) => index),
    { bufferSize: count },
  ).then((values) => values);
  for (const task of source.tasks.slice(1, count - 10)) task.finish();
  source.tasks[0]?.fail(new Error("long"));
  await assert.rejects(results, { message: "long" });
  assert.deepEqual(
    source.aborted.map(({ position }) => position).sort((a, b) => a - b),
    Array.from({ length: 10 }, (_, index) => count - 10 + index),
  );
});

test("map() awaited as an array reads on as items settle, and gives input order", async () => {
  const source = new ScriptedSource();
  const results = map(source, [1, 2, 3, 4, 5], { bufferSize: 2 }).then((values) => values);
  assert.deepEqual(source.items, [1, 2]);
  source.tasks[1]?.finish("two");
  assert.deepEqual(source.items, [1, 2, 3]);
  source.tasks[2]?.finish("three");
  source.tasks[3]?.finish("four");
  source.tasks[0]?.finish("one");
  source.tasks[4]?.finish("five");
  assert.deepEqual(await results, ["one", "two", "three", "four", "five"]);
  assert.equal(source.released, 1);
});

test("map() awaited only after some have settled gives them all", async () => {
  const source = new ScriptedSource();
  const results = map(source, [1, 2, 3], { bufferSize: 3 });
  source.tasks[2]?.finish();
  source.tasks[0]?.finish();
  await turn();
  const awaited = results.then((values) => values);
  source.tasks[1]?.finish();
  assert.deepEqual(await awaited, [1, 2, 3]);
});

test("map() of nothing is an empty array and an ended stream", async () => {
  assert.deepEqual(await map(new ScriptedSource(), []), []);
  assert.deepEqual(await map(new ScriptedSource(), []).stream().next(), { done: true, value: undefined });
});

test("map() surfaces a failure at its position, after the earlier results, and cancels what comes after", async () => {
  const source = new ScriptedSource();
  const log: string[] = [];
  const stream = map(source, naturals(log), { bufferSize: 4 }).stream();
  const error = new Error("second");
  source.tasks[2]?.start();
  source.tasks[1]?.fail(error);
  assert.deepEqual(log, ["closed"]);
  assert.equal(source.tasks[3]?.state, "cancelled");
  assert.equal(source.tasks[0]?.state, "pending");
  assert.deepEqual(source.signalled, [source.tasks[2]]);
  const first = stream.next();
  source.tasks[0]?.finish();
  assert.deepEqual(await first, { done: false, value: 0 });
  await assert.rejects(stream.next(), error);
  assert.ok(source.tasks[3]?.outcome instanceof CancelledError);
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
});

test("map() awaited rejects with the failure of the earliest position, whichever came first", async () => {
  const source = new ScriptedSource();
  const results = map(source, [0, 1, 2, 3], { bufferSize: 4 }).then((values) => values);
  source.tasks[2]?.fail(new Error("third"));
  source.tasks[1]?.fail(new Error("second"));
  source.tasks[0]?.finish();
  await assert.rejects(results, { message: "second" });
});

test("map() with ordered: false hands out in finishing order and fails in it", async () => {
  const source = new ScriptedSource();
  const stream = map(source, naturals(), { bufferSize: 4, ordered: false }).stream();
  source.tasks[2]?.finish();
  source.tasks[0]?.finish();
  source.tasks[1]?.fail(new Error("second"));
  assert.deepEqual((await stream.next()).value, 2);
  assert.deepEqual((await stream.next()).value, 0);
  await assert.rejects(stream.next(), { message: "second" });
});

test("map() with ordered: false awaited is an array in finishing order", async () => {
  const source = new ScriptedSource();
  const results = map(source, [0, 1, 2], { bufferSize: 3, ordered: false }).then((values) => values);
  for (const index of [2, 0, 1]) source.tasks[index]?.finish();
  assert.deepEqual(await results, [2, 0, 1]);
});

test("map() with onError: collect gives every outcome", async () => {
  const source = new ScriptedSource();
  const error = new Error("second");
  const results = map(source, [0, 1, 2], { bufferSize: 3, onError: "collect" }).then((values) => values);
  source.tasks[1]?.fail(error);
  source.tasks[0]?.finish();
  source.tasks[2]?.finish();
  assert.deepEqual(await results, [
    { status: "fulfilled", value: 0 },
    { status: "rejected", reason: error },
    { status: "fulfilled", value: 2 },
  ]);
});

test("map() surfaces an error of the input after the results of the items before it", async () => {
  const source = new ScriptedSource();
  function* breaks(): Generator<number> {
    yield 0;
    throw new Error("input broke");
  }
  const stream = map(source, breaks(), { bufferSize: 4 }).stream();
  source.tasks[0]?.finish();
  assert.deepEqual(await stream.next(), { done: false, value: 0 });
  await assert.rejects(stream.next(), { message: "input broke" });
});

test("map() surfaces the error of an input that cannot be opened where its first item would be", async () => {
  const unopenable = {
    [Symbol.iterator](): Iterator<number> {
      throw new Error("cannot open");
    },
  };
  await assert.rejects(map(new ScriptedSource(), unopenable).then(), { message: "cannot open" });
});

test("map() reads an async input with back-pressure and closes it when the loop is left", async () => {
  const source = new ScriptedSource();
  source.onSubmit = (task) => task.finish();
  const log: string[] = [];
  async function* input(): AsyncGenerator<number> {
    try {
      for (let n = 0; ; n += 1) yield n;
    } finally {
      log.push("closed");
    }
  }
  const seen: unknown[] = [];
  for await (const value of map(source, input(), { bufferSize: 2 })) {
    seen.push(value);
    if (seen.length === 5) break;
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4]);
  assert.ok(source.items.length <= 7);
  assert.deepEqual(log, ["closed"]);
});

test("map() does not wait for an async input that never gives another item, once a task has failed", async () => {
  const source = new ScriptedSource();
  async function* stalls(): AsyncGenerator<number> {
    yield 0;
    await new Promise(() => {});
  }
  const results = map(source, stalls(), { bufferSize: 4 }).then((values) => values);
  await turn();
  source.tasks[0]?.fail(new Error("first"));
  await assert.rejects(results, { message: "first" });
});

test("map() of an async input that throws surfaces the error at its position", async () => {
  const source = new ScriptedSource();
  source.onSubmit = (task) => task.finish();
  async function* breaks(): AsyncGenerator<number> {
    yield 0;
    throw new Error("input broke");
  }
  const stream = map(source, breaks()).stream();
  assert.deepEqual(await stream.next(), { done: false, value: 0 });
  await assert.rejects(stream.next(), { message: "input broke" });
});

test("map() closed early cancels what has not started and signals what runs", async () => {
  const source = new ScriptedSource();
  const log: string[] = [];
  const stream = map(source, naturals(log), { bufferSize: 3 }).stream();
  source.tasks[0]?.start();
  assert.deepEqual(await stream.return?.(), { done: true, value: undefined });
  assert.deepEqual(log, ["closed"]);
  assert.equal(source.tasks[1]?.state, "cancelled");
  assert.deepEqual(source.signalled, [source.tasks[0]]);
  assert.equal(source.released, 1);
});

test("map() closed early answers the calls of next() that wait", async () => {
  const stream = map(new ScriptedSource(), naturals()).stream();
  const waiting = [stream.next(), stream.next()];
  await stream.return?.();
  assert.deepEqual(await Promise.all(waiting), [
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test("map() closed early rejects with what the input throws on being closed", async () => {
  const input = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return: () => Promise.reject(new Error("close broke")) as never }) };
  const stream = map(new ScriptedSource(), input as Iterable<number>).stream();
  await assert.rejects(async () => stream.return?.(), { message: "close broke" });
});

test("map() answers calls of next() made before any result, in order", async () => {
  const source = new ScriptedSource();
  const stream = map(source, naturals(), { bufferSize: 2 }).stream();
  const waiting = [stream.next(), stream.next(), stream.next(), stream.next()];
  source.onSubmit = (task) => task.finish();
  source.tasks[1]?.finish();
  source.tasks[0]?.finish();
  assert.deepEqual(
    (await Promise.all(waiting)).map((step) => step.value),
    [0, 1, 2, 3],
  );
  await stream.return?.();
});

test("map() can be awaited or iterated over, not both, and iterated over only once", async () => {
  const awaited = map(new ScriptedSource(), []);
  await awaited;
  assert.throws(() => awaited.stream(), InvalidStateError);
  const iterated = map(new ScriptedSource(), []);
  iterated.stream();
  assert.throws(() => iterated[Symbol.asyncIterator](), InvalidStateError);
  await assert.rejects(iterated.then(), InvalidStateError);
});

test("map() with a signal rejects with its reason and stops reading", async () => {
  const source = new ScriptedSource();
  const log: string[] = [];
  const controller = new AbortController();
  const reason = new Error("enough");
  const stream = map(source, naturals(log), { bufferSize: 2, signal: controller.signal }).stream();
  source.tasks[0]?.finish();
  controller.abort(reason);
  assert.deepEqual(log, ["closed"]);
  assert.deepEqual(await stream.next(), { done: false, value: 0 });
  await assert.rejects(stream.next(), reason);
});

test("map() with a signal gives its reason to what runs, and withdraws what waits before it stops what runs", async () => {
  const source = new ScriptedSource();
  const controller = new AbortController();
  const reason = new Error("enough");
  const results = map(source, naturals(), { bufferSize: 3, signal: controller.signal }).then((values) => values);
  source.tasks[0]?.start();
  controller.abort(reason);
  await assert.rejects(results, reason);
  assert.deepEqual(source.aborted.at(-1), source.tasks[0]);
  for (const task of source.tasks) assert.deepEqual([task.state, task.outcome], ["cancelled", reason]);
});

test("map() with a signal that has already aborted reads nothing", async () => {
  const source = new ScriptedSource();
  const reason = new Error("too late");
  await assert.rejects(map(source, naturals(), { signal: AbortSignal.abort(reason) }).then(), reason);
  assert.deepEqual(source.items, []);
});

test("map() awaited with onError: collect says of every item of an aborted map that it was not run", async () => {
  const source = new ScriptedSource();
  const controller = new AbortController();
  const reason = new Error("enough");
  const results = map(source, [0, 1, 2, 3], { bufferSize: 2, onError: "collect", signal: controller.signal }).then((values) => values);
  source.tasks[0]?.finish();
  controller.abort(reason);
  assert.deepEqual(await results, [
    { status: "fulfilled", value: 0 },
    { status: "rejected", reason },
    { status: "rejected", reason },
    { status: "rejected", reason },
  ]);
  assert.equal(source.tasks.length, 3);
});

test("map() iterated over with onError: collect ends an aborted map by throwing, so that an endless input ends", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const stream = map(new ScriptedSource(), naturals(), { bufferSize: 1, onError: "collect", signal: controller.signal }).stream();
  controller.abort(reason);
  assert.deepEqual((await stream.next()).value, { status: "rejected", reason });
  await assert.rejects(stream.next(), reason);
});

test("map() with a deadline counts from the call and rejects with TimeoutError", async () => {
  const source = new ScriptedSource();
  const results = map(source, naturals(), { bufferSize: 2, deadline: 1 }).then((values) => values);
  await assert.rejects(results, (error) => error instanceof TimeoutError && error.kind === "deadline" && error.timeout === 1);
  assert.ok(source.tasks.every((task) => task.state === "cancelled"));
});

test("map() passes the options of a task on to each, and keeps its own", () => {
  const source = new ScriptedSource();
  void map(source, [], { timeout: 5, retries: 2, priority: 1, label: "x", chunkSize: 7, deadline: 1_000, bufferSize: 3 });
  assert.deepEqual(source.prepared[0]?.task, { timeout: 5, retries: 2, priority: 1, label: "x" });
  assert.equal(source.prepared[0]?.chunkSize, 7);
});

test("map() whose task settles inside submit() neither recurses nor loses a result", async () => {
  const source = new ScriptedSource();
  source.onSubmit = (task) => task.finish();
  const items = Array.from({ length: 100_000 }, (_, index) => index);
  assert.deepEqual(await map(source, items, { bufferSize: 1 }), items);
});

test("map() refuses wrong arguments at once, saying what is wrong", () => {
  const source = new ScriptedSource();
  assert.throws(() => mapOver(source, 5 as never, [], {}, undefined), { name: "TypeError", message: "Cannot start the map: expected a function, got 5" });
  assert.throws(() => map(source, 5 as never), { name: "TypeError", message: "Cannot start the map: expected items that can be iterated over, got 5" });
  for (const chunkSize of [0, -1, 1.5, NaN]) assert.throws(() => map(source, [], { chunkSize }), RangeError);
  assert.throws(() => map(source, [], { chunkSize: "3" as never }), TypeError);
  assert.throws(() => map(source, [], { bufferSize: 0 }), {
    name: "RangeError",
    message: "Cannot start the map: bufferSize must be a whole number, 1 or more, got 0",
  });
  assert.throws(() => map(source, [], { chunksize: 3 } as never), {
    name: "TypeError",
    message: "Cannot start the map: unknown option chunksize, did you mean chunkSize",
  });
});

test("starmap() spreads each list, and fails at its position where an item is none", async () => {
  const source = new ScriptedSource();
  source.onSubmit = (task) => task.finish(task.args.length);
  const results = starmapOver(source, fn as never, [[1, 2], [], 5], {}, { onError: "collect" });
  const [two, none, wrong] = (await results) as PromiseSettledResult<number>[];
  assert.deepEqual(
    [two, none],
    [
      { status: "fulfilled", value: 2 },
      { status: "fulfilled", value: 0 },
    ],
  );
  assert.equal(wrong?.status === "rejected" && wrong.reason instanceof TypeError, true);
});
