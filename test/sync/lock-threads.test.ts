import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { AbandonedLockError, Thread, ThreadPoolExecutor } from "dure";
import { Lock } from "dure/sync";
import {
  acquireAndCrash,
  acquireAndExit,
  acquireAndReturn,
  acquireAndSpin,
  addAsItComes,
  addOneByOne,
  addOneByOneSync,
  holdFor,
  isLock,
  limits,
  makeLock,
  mixed,
  noteTurn,
  reacquire,
  repair,
} from "./fixtures/locked-work.js";

const newWord = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

/** Asserts that the next owner is told, holds the lock, and can pass it on. */
async function assertAbandoned(lock: Lock, acquiring: Promise<unknown> = lock.acquire()): Promise<void> {
  const error = await acquiring.catch((reason: unknown) => reason);
  assert.ok(error instanceof AbandonedLockError, String(error));
  assert.equal(lock.locked, true);
  error.guard?.release();
  (await lock.acquire({ timeout: 0 })).release();
}

describe("a lock that threads share", () => {
  let pool: ThreadPoolExecutor;
  before(() => void (pool = new ThreadPoolExecutor({ maxWorkers: 4 })));
  after(() => pool.shutdown());

  for (const [kind, work] of Object.entries({ blocking: addOneByOneSync, waiting: addOneByOne })) {
    test(`loses no update of four threads, ${kind}`, async () => {
      const lock = new Lock();
      const word = newWord();
      await pool.starmap(
        work,
        Array.from({ length: 4 }, () => [lock, word, 2000] as const),
      );
      assert.equal(word[0], 8000);
      assert.equal(lock.locked, false);
    });
  }

  test("loses no update of threads that block, threads that wait and this one", async () => {
    const lock = new Lock();
    const word = newWord();
    const futures = [addOneByOneSync, addOneByOne, addOneByOneSync].map((work) => pool.submit(work, lock, word, 1000));
    await addOneByOne(lock, word, 1000);
    await Promise.all(futures);
    assert.equal(word[0], 4000);
  });

  test("loses neither an update nor itself where many give up in the moment of their turn", async () => {
    const lock = new Lock();
    const word = newWord();
    const futures = Array.from({ length: 4 }, () => pool.submit(addAsItComes, lock, word, 1500));
    await addOneByOne(lock, word, 500);
    const others = await Promise.all(futures);
    assert.equal(
      word[0],
      others.reduce((sum, count) => sum + count, 500),
    );
    assert.equal(lock.locked, false);
  });

  test("is captured by a closure, is a Lock there, and comes back as itself", async () => {
    const lock = new Lock({ name: "till" });
    const word = newWord();
    await Promise.all(
      Array.from({ length: 4 }, () =>
        pool.submit(async () => {
          for (let time = 0; time < 300; time += 1) {
            const guard = await lock.acquire();
            word[0] = (word[0] ?? 0) + 1;
            guard.release();
          }
        }),
      ),
    );
    assert.equal(word[0], 1200);
    assert.equal(await pool.submit(isLock, lock), true);
    assert.equal(await pool.submit(() => lock), lock);
    assert.deepEqual(await pool.submit((locks: Map<string, Lock>) => [...locks.values()].map((one) => one.name), new Map([["a", lock]])), ["till"]);
  });

  test("may be made in a worker and used here", async () => {
    const lock = await pool.submit(makeLock);
    assert.ok(lock instanceof Lock);
    assert.equal(lock.name, "made in a worker");
    const word = newWord();
    await Promise.all([pool.submit(addOneByOneSync, lock, word, 500), addOneByOne(lock, word, 500)]);
    assert.equal(word[0], 1000);
  });

  test("is had in the order in which threads asked, blocking or not", async () => {
    const lock = new Lock();
    const turns = new Int32Array(new SharedArrayBuffer(40));
    const arrived = newWord();
    const guard = await lock.acquire();
    const waiting: Promise<unknown>[] = [];
    for (let name = 1; name <= 4; name += 1) {
      const places = placesTaken(lock);
      waiting.push(pool.submit(noteTurn, lock, turns, name, name % 2 === 0 ? "blocking" : "waiting", arrived));
      await until(() => placesTaken(lock) > places);
    }
    waiting.push(noteTurn(lock, turns, 5, "waiting", arrived));
    guard.release();
    await Promise.all(waiting);
    assert.deepEqual([...turns.slice(0, 6)], [5, 1, 2, 3, 4, 5]);
  });

  test("acquireSync() refuses a thread that holds it, and has its limits", async () => {
    const lock = new Lock();
    assert.deepEqual(await pool.submit(reacquire, lock), ["DURE_INVALID_STATE", "DURE_INVALID_STATE"]);
    const guard = await lock.acquire();
    assert.deepEqual(await pool.submit(limits, lock), ["DURE_TIMEOUT", "DURE_TIMEOUT", "no try", "DURE_INVALID_STATE"]);
    guard.release();
  });

  test("acquireSync() in a thread that waits already goes first, and those who wait keep their order", async () => {
    const lock = new Lock();
    const word = newWord();
    const guard = await lock.acquire();
    const places = placesTaken(lock);
    const turns = pool.submit(mixed, lock, word);
    await until(() => placesTaken(lock) === places + 3);
    guard.release();
    assert.deepEqual(await turns, ["blocking", "first", "second"]);
  });

  test("a task that returns without releasing it abandons it", async () => {
    const lock = new Lock();
    assert.equal(await pool.submit(acquireAndReturn, lock), false);
    await assertAbandoned(lock);
  });

  test("the error crosses from a worker, without the guard, and in the worker it has one", async () => {
    const lock = new Lock({ name: "till" });
    await pool.submit(acquireAndReturn, lock);
    assert.equal(await pool.submit(repair, lock), "abandoned");
    assert.equal(await pool.submit(repair, lock), "as it should be");
    await pool.submit(acquireAndReturn, lock);
    const error = await pool.submit(addOneByOneSync, lock, newWord(), 1).exception();
    assert.ok(error instanceof AbandonedLockError);
    assert.equal(error.lock, "till");
    assert.equal(error.guard, undefined);
    await assertAbandoned(lock);
  });

  test("a task that is aborted while it waits leaves its worker to others, and the lock to those behind it", async () => {
    const lock = new Lock();
    const guard = await lock.acquire();
    const places = placesTaken(lock);
    await using single = new ThreadPoolExecutor({ maxWorkers: 1 });
    const controller = new AbortController();
    const future = single.with({ signal: controller.signal }).submit(repair, lock);
    await until(() => placesTaken(lock) > places);
    controller.abort(new Error("enough"));
    await assert.rejects(future, /enough/);
    assert.equal(await single.submit(isLock, lock), true, "the lock is held, and the worker free");
    guard.release();
    assert.equal(await single.submit(repair, lock), "as it should be");
  });

  test("a worker that is killed as its task does not stop abandons it", async () => {
    const lock = new Lock();
    const word = newWord();
    const controller = new AbortController();
    const future = pool.with({ signal: controller.signal }).submit(acquireAndSpin, lock, word);
    await until(() => Atomics.load(word, 0) === 1);
    controller.abort(new Error("enough"));
    await assert.rejects(future, /enough/);
    await assertAbandoned(lock);
  });

  test("a worker that dies while it waits leaves the lock to those behind it", async () => {
    const lock = new Lock();
    const guard = await lock.acquire();
    const places = placesTaken(lock);
    const thread = new Thread(addOneByOneSync, [lock, newWord(), 1]).start();
    await until(() => placesTaken(lock) === places + 1);
    const behind = pool.submit(repair, lock);
    await until(() => placesTaken(lock) === places + 2);
    await thread.terminate();
    guard.release();
    assert.equal(await behind, "as it should be");
  });
});

for (const [how, work] of Object.entries({ exits: acquireAndExit, crashes: acquireAndCrash })) {
  test(`a thread that ${how} abandons it to whoever waits already`, async () => {
    const lock = new Lock();
    const guard = await lock.acquire();
    const places = placesTaken(lock);
    const thread = new Thread(work, [lock]).start();
    thread.result.addDoneCallback(() => {});
    await until(() => placesTaken(lock) > places);
    const behind = lock.acquire();
    guard.release();
    await assertAbandoned(lock, behind);
    await thread.join();
  });
}

test("a thread that is terminated abandons it, also to a thread that blocks", async () => {
  const lock = new Lock();
  const word = newWord();
  const owner = new Thread(acquireAndSpin, [lock, word]).start();
  await until(() => Atomics.load(word, 0) === 1);
  const places = placesTaken(lock);
  const next = new Thread(addOneByOneSync, [lock, newWord(), 1]).start();
  await until(() => placesTaken(lock) > places);
  await owner.terminate();
  await assert.rejects(next.result, AbandonedLockError);
  await next.join();
  await assertAbandoned(lock);
});

test("a thread of a thread that is terminated abandons it, too", async () => {
  const lock = new Lock();
  const word = newWord();
  const parent = new Thread(
    async (shared: Lock, started: Int32Array) => {
      const { Thread: Inner } = await import("dure");
      const child = new Inner(
        (inherited: Lock, mark: Int32Array) => {
          inherited.acquireSync();
          Atomics.store(mark, 0, 1);
          for (;;);
        },
        [shared, started],
      ).start();
      await child.join();
    },
    [lock, word],
  ).start();
  await until(() => Atomics.load(word, 0) === 1);
  await parent.terminate();
  await assertAbandoned(lock);
});

for (const end of ["release", "exit", "wait to be ended"] as const) {
  test(`a thread that is not dure's takes it by its handle: ${end}`, async () => {
    const lock = new Lock();
    const word = newWord();
    const guard = await lock.acquire();
    const worker = new Worker(new URL("fixtures/raw-worker.js", import.meta.url), { workerData: { handle: lock.handle, word, end } });
    const heard = once(worker, "message");
    const ended = once(worker, "exit");
    guard.release();
    assert.deepEqual(await heard, ["acquired"]);
    if (end === "wait to be ended") void worker.terminate();
    if (end === "release") (await lock.acquire()).release();
    else await assertAbandoned(lock);
    await ended;
    assert.equal(word[0], 1);
  });
}

test("who waits keeps its thread alive; an acquired lock does not", async () => {
  const lock = new Lock();
  const places = placesTaken(lock);
  const holder = new Thread(holdFor, [lock, 50]).start();
  await until(() => placesTaken(lock) > places);
  const waiter = new Thread(repair, [lock]).start();
  assert.equal(await waiter.result, "as it should be");
  await Promise.all([holder.join(), waiter.join()]);
});

/** How many have taken a place so far, 32,768 at most. Read from the lock's memory: see src/sync/README.md. */
function placesTaken(lock: Lock): number {
  return (Atomics.load(new Int32Array(lock.handle.memory), 1) >> 15) & 0x7fff;
}
