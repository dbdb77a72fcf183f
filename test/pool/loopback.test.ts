// The pool over the real far side, in one thread: what serial and async executors are made of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createByReferencePacker, createByReferenceUnpacker } from "#dure/codec/by-reference-crossing.js";
import { currentTask } from "#dure/contract/task-context.js";
import { Pool, type PoolSettings } from "#dure/pool/pool.js";
import { LocalHost } from "#dure/worker/local-host.js";

function createLocalPool(maxWorkers: number, more: Partial<PoolSettings> = {}): Pool {
  const createCrossing = () => ({ packer: createByReferencePacker(), unpacker: createByReferenceUnpacker() });
  return new Pool({
    kind: "local",
    name: "local",
    host: new LocalHost({ createCrossing }),
    packer: createByReferencePacker(),
    createUnpacker: createByReferenceUnpacker,
    maxWorkers,
    lendsWorkers: true,
    ...more,
  });
}

/** Something to wait for, and the means to end the wait. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

test("Pool runs a task in a microtask, never inside submit", async () => {
  const pool = createLocalPool(1);
  let hasRun = false;
  const future = pool.submit(() => (hasRun = true), [], {});
  assert.equal(hasRun, false);
  assert.equal(await future, true);
  await pool.shutdown();
});

test("Pool runs tasks of one worker one after another, in the order submitted", async () => {
  const pool = createLocalPool(1);
  const log: string[] = [];
  const step = async (name: string) => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
  };
  await Promise.all(["a", "b", "c"].map((name) => pool.submit(step, [name], {})));
  assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  await pool.shutdown();
});

test("Pool runs at most maxWorkers tasks at once", async () => {
  const pool = createLocalPool(3);
  // Opened by the third that runs: fewer at once would wait for ever.
  const { opened, open } = gate();
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    if (running === 3) open();
    await opened;
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  };
  await Promise.all(Array.from({ length: 30 }, () => pool.submit(work, [], {})));
  assert.equal(most, 3);
  assert.equal(pool.stats().workersStarted, 3);
  await pool.shutdown();
});

test("Pool cancels what waits behind a short task of a known function", async () => {
  const pool = createLocalPool(1);
  const quick = () => 1;
  await pool.submit(quick, [], {});
  const futures = [pool.submit(quick, [], {}), pool.submit(quick, [], {})];
  await Promise.resolve();
  assert.equal(futures[1]?.cancel(), true);
  assert.equal(await futures[0], 1);
  await pool.shutdown();
});

test("a task may wait for tasks that it submits to its own serial pool, at any depth", async () => {
  const pool = createLocalPool(1);
  const nested = async (depth: number): Promise<number> => {
    if (depth === 0) return 1;
    const children = await Promise.all([pool.submit(nested, [depth - 1], {}), pool.submit(nested, [depth - 1], {})]);
    return (children as number[]).reduce((sum, value) => sum + value, 0);
  };
  assert.equal(await pool.submit(nested, [4], {}), 16);
  assert.equal(pool.stats().workers, 1);
  await pool.shutdown();
});

test("children of a task run one after another on a serial pool, and no other task takes its place", async () => {
  const pool = createLocalPool(1);
  const log: string[] = [];
  const child = async (name: string) => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} ends`);
  };
  const parent = pool.submit(async () => Promise.all([pool.submit(child, ["a"], {}), pool.submit(child, ["b"], {})]), [], {});
  const other = pool.submit(child, ["other"], {});
  await Promise.all([parent, other]);
  assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "other begins", "other ends"]);
  await pool.shutdown();
});

test("tasks of one local pool may wait for those of another", async () => {
  const [outer, inner] = [createLocalPool(2), createLocalPool(1)];
  const results = await Promise.all([1, 2, 3].map((n) => outer.submit(async () => inner.submit(() => n * 2, [], {}), [], {})));
  assert.deepEqual(results, [2, 4, 6]);
  await Promise.all([outer.shutdown(), inner.shutdown()]);
});

test("abort: the future settles now, and the task keeps its place until it returns", async () => {
  const pool = createLocalPool(1);
  const { opened, open } = gate();
  const started = gate();
  const controller = new AbortController();
  let hasSeen = false;
  const task = async () => {
    currentTask()?.signal.addEventListener("abort", () => (hasSeen = true));
    started.open();
    await opened;
  };
  const future = pool.submit(task, [], { signal: controller.signal });
  await started.opened;
  const next = pool.submit(() => "next", [], {});
  controller.abort();
  await assert.rejects(future, { name: "AbortError" });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(hasSeen, true);
  assert.equal(next.state, "pending");
  open();
  assert.equal(await next, "next");
  await pool.shutdown();
});

test("terminate() does not wait for a task that cannot be stopped", async () => {
  const pool = createLocalPool(1);
  const started = gate();
  const future = pool.submit(
    () => {
      started.open();
      return new Promise(() => {});
    },
    [],
    {},
  );
  await started.opened;
  const failure = assert.rejects(future, { code: "DURE_SHUTDOWN" });
  await pool.terminate();
  await failure;
  assert.equal(pool.stats().abandonedWorkers, 1);
});

test("an initializer runs before the first task of each worker", async () => {
  let prepared = 0;
  const pool = createLocalPool(2, { initializer: async (by: number) => void (prepared += by), initargs: [10] });
  assert.equal(await pool.submit(() => prepared >= 10, [], {}), true);
  await pool.shutdown();
});

test("unbounded maxWorkers runs everything at once", async () => {
  const pool = createLocalPool(Infinity);
  const { opened, open } = gate();
  let running = 0;
  const futures = Array.from({ length: 200 }, () =>
    pool.submit(
      async () => {
        if (++running === 200) open();
        await opened;
      },
      [],
      {},
    ),
  );
  await Promise.all(futures);
  assert.equal(running, 200);
  await pool.shutdown();
});
