import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AbandonedLockError,
  AsyncExecutor,
  CancelledError,
  InvalidStateError,
  ProcessPoolExecutor,
  SerialExecutor,
  SerializationError,
  TimeoutError,
  UnsupportedError,
} from "dure";
import { Lock } from "dure/sync";

describe("in one thread", () => {
  test("acquire() gives a guard that releases", async () => {
    const lock = new Lock();
    assert.equal(lock.locked, false);
    const guard = await lock.acquire();
    assert.equal(lock.locked, true);
    assert.equal(guard.released, false);
    assert.equal(guard.lock, lock);
    guard.release();
    assert.equal(guard.released, true);
    assert.equal(lock.locked, false);
  });

  test("a guard is disposed of once, and again without harm; released twice it is refused", async () => {
    const lock = new Lock({ name: "till" });
    const guard = await lock.acquire();
    guard[Symbol.dispose]();
    const next = await lock.acquire();
    guard[Symbol.dispose]();
    assert.equal(lock.locked, true, "it is another's now");
    assert.throws(() => guard.release(), {
      code: "DURE_INVALID_STATE",
      message: 'Cannot release the lock "till" as this guard does not hold it any more: it was released before',
    });
    next.release();
  });

  test("release() releases what this thread holds, and refuses what it does not", async () => {
    const lock = new Lock();
    assert.throws(() => lock.release(), InvalidStateError);
    const guard = await lock.acquire();
    lock.release();
    assert.equal(guard.released, true);
    assert.throws(() => lock.release(), InvalidStateError);
  });

  test("those who wait have it in the order in which they asked", async () => {
    const lock = new Lock();
    const turns: number[] = [];
    const all = Array.from({ length: 50 }, async (_, index) => {
      const guard = await lock.acquire();
      assert.equal(turns.push(index), index + 1);
      await Promise.resolve();
      guard.release();
    });
    await Promise.all(all);
    assert.deepEqual(turns, [...turns.keys()]);
    assert.equal(lock.locked, false);
  });

  test("more wait than there are places, and all have their turn", async () => {
    const lock = new Lock();
    const guard = await lock.acquire();
    let turns = 0;
    const all = Array.from({ length: 3000 }, () => lock.acquire().then((next) => [(turns += 1), next.release()]));
    guard.release();
    await Promise.all(all);
    assert.equal(turns, 3000);
    assert.equal(lock.locked, false);
  });

  test("tryAcquire() and a timeout of 0 take it only if it is free", async () => {
    const lock = new Lock();
    const guard = lock.tryAcquire();
    assert.ok(guard);
    assert.equal(lock.tryAcquire(), undefined);
    await assert.rejects(lock.acquire({ timeout: 0 }), { code: "DURE_TIMEOUT", kind: "wait", timeout: 0 });
    guard.release();
    (await lock.acquire({ timeout: 0 })).release();
  });

  test("acquire() rejects with a TimeoutError after its timeout, and its place is nobody's", async () => {
    const lock = new Lock({ name: "till" });
    const guard = await lock.acquire();
    await assert.rejects(
      lock.acquire({ timeout: 5 }),
      (error) => error instanceof TimeoutError && error.message === 'Cannot acquire the lock "till": it was not free within 5 ms',
    );
    guard.release();
    assert.equal(lock.locked, false);
  });

  test("acquire() rejects with the reason of its signal, before and while it waits", async () => {
    const lock = new Lock();
    const reason = new Error("enough");
    await assert.rejects(lock.acquire({ signal: AbortSignal.abort(reason) }), reason);
    const guard = await lock.acquire();
    const controller = new AbortController();
    const waiting = lock.acquire({ signal: controller.signal });
    const behind = lock.acquire();
    controller.abort(reason);
    await assert.rejects(waiting, reason);
    guard.release();
    (await behind).release();
    assert.equal(lock.locked, false);
  });

  test("who is granted the lock in the moment of giving up has it", async () => {
    const lock = new Lock();
    for (let round = 0; round < 200; round += 1) {
      const guard = await lock.acquire();
      const controller = new AbortController();
      const waiting = lock.acquire({ signal: controller.signal }).then(
        (next) => next.release(),
        () => {},
      );
      if (round % 2 === 0) {
        guard.release();
        controller.abort();
      } else {
        controller.abort();
        guard.release();
      }
      await waiting;
      assert.equal(lock.locked, false);
    }
  });

  test("runExclusive() holds the lock until the function's promise is settled, and gives what it gives", async () => {
    const lock = new Lock();
    let inside = 0;
    const work = async (result: number): Promise<number> => {
      assert.equal((inside += 1), 1);
      await new Promise(setImmediate);
      inside -= 1;
      return result;
    };
    assert.deepEqual(await Promise.all([lock.runExclusive(() => work(1)), lock.runExclusive(() => work(2)), lock.runExclusive(() => 3)]), [1, 2, 3]);
    const failure = new Error("no");
    await assert.rejects(
      lock.runExclusive(() => Promise.reject(failure)),
      failure,
    );
    await assert.rejects(
      lock.runExclusive(() => {
        throw failure;
      }),
      failure,
    );
    assert.equal(lock.locked, false);
  });

  test("acquireSync() is refused on the main thread, also if the lock is free", () => {
    assert.throws(
      () => new Lock().acquireSync(),
      (error) => error instanceof UnsupportedError && error.supportedBy[0] === "threads" && /await lock\.acquire\(\)/.test(error.message),
    );
  });

  test("wrong options are refused", async () => {
    assert.throws(() => new Lock({ nam: "a" } as never), /^TypeError: Cannot create the lock: unknown option nam, did you mean name$/);
    assert.throws(() => Lock.from({} as never), /expected the `handle` of a Lock/);
    await assert.rejects(new Lock().acquire({ timeout: -1 }), RangeError);
    await assert.rejects(new Lock().acquire({ signal: 5 } as never), TypeError);
  });

  test("Lock.from() gives the same lock", () => {
    const lock = new Lock({ name: "till" });
    assert.equal(Lock.from(lock.handle), lock);
    assert.equal(Lock.from(structuredClone(lock.handle)), lock);
  });
});

for (const [rung, create] of Object.entries({
  serial: () => new SerialExecutor(),
  "serial, isolated": () => new SerialExecutor({ isolate: true }),
  async: () => new AsyncExecutor(),
  "async, isolated": () => new AsyncExecutor({ isolate: true }),
})) {
  test(`tasks of the ${rung} rung exclude each other`, async () => {
    await using executor = create();
    const lock = new Lock();
    const state = new Int32Array(new SharedArrayBuffer(4));
    const work = async (shared: Lock): Promise<number> => {
      const guard = await shared.acquire();
      const before = state[0] ?? 0;
      await new Promise(setImmediate);
      state[0] = before + 1;
      guard.release();
      return before;
    };
    assert.deepEqual(
      await executor.map(
        work,
        Array.from({ length: 10 }, () => lock),
      ),
      [...Array(10).keys()],
    );
    assert.equal(state[0], 10);
    assert.equal(lock.locked, false);
  });
}

test("what a task holds when it ends is abandoned; the next owner gets the error and the lock", async () => {
  await using executor = new AsyncExecutor();
  const lock = new Lock({ name: "till" });
  await executor.submit(async () => void (await lock.acquire()));
  const error = await lock.acquire().catch((reason: unknown) => reason);
  assert.ok(error instanceof AbandonedLockError);
  assert.equal(error.code, "DURE_ABANDONED_LOCK");
  assert.equal(error.lock, "till");
  assert.equal(lock.locked, true);
  error.guard?.release();
  (await lock.acquire()).release();
});

test("what a failed task holds is abandoned to whoever waits for it already", async () => {
  await using executor = new AsyncExecutor();
  const lock = new Lock();
  const first = executor.submit(async () => {
    await lock.acquire();
    await new Promise(setImmediate);
    throw new Error("half done");
  });
  await new Promise(queueMicrotask as never);
  const second = executor.submit(async () => (await lock.acquire()).release());
  await assert.rejects(first, /half done/);
  await assert.rejects(second, AbandonedLockError);
  await assert.rejects(lock.acquire(), AbandonedLockError, "the second did not release it either");
});

test("runExclusive() leaves an abandoned lock abandoned", async () => {
  await using executor = new AsyncExecutor();
  const lock = new Lock();
  await executor.submit(async () => void (await lock.acquire()));
  let calls = 0;
  for (let time = 0; time < 2; time += 1)
    await assert.rejects(
      lock.runExclusive(() => (calls += 1)),
      AbandonedLockError,
    );
  assert.equal(calls, 0);
  assert.equal(lock.locked, false);
});

test("a task that ends while it waits for a lock does not get it", async () => {
  await using executor = new AsyncExecutor();
  const lock = new Lock();
  const guard = await lock.acquire();
  let waiting: Promise<unknown> | undefined;
  await executor.submit(() => {
    waiting = lock.acquire().catch((error: unknown) => error);
  });
  assert.ok((await waiting) instanceof CancelledError);
  guard.release();
  assert.equal(lock.locked, false);
});

test("a task that is aborted while it waits for a lock stops waiting", async () => {
  await using executor = new AsyncExecutor();
  const lock = new Lock();
  const guard = await lock.acquire();
  const controller = new AbortController();
  const reasons: unknown[] = [];
  const future = executor.with({ signal: controller.signal }).submit(() => lock.acquire().catch((error: unknown) => reasons.push(error)));
  while (future.state !== "running") await new Promise(setImmediate);
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(future, reason);
  await new Promise(setImmediate);
  assert.deepEqual(reasons, [reason]);
  guard.release();
  assert.equal(lock.locked, false);
});

test("release() refuses what another task of the thread holds", async () => {
  await using executor = new AsyncExecutor();
  const lock = new Lock();
  const guard = await lock.acquire();
  await assert.rejects(
    executor.submit(() => lock.release()),
    InvalidStateError,
  );
  guard.release();
});

test("a lock does not cross to processes, nor a guard to anywhere", async () => {
  const lock = new Lock({ name: "till" });
  await using processes = new ProcessPoolExecutor({ maxWorkers: 1 });
  const error = await processes.submit((shared: Lock) => shared.name, lock).exception();
  assert.ok(error instanceof SerializationError);
  assert.equal(error.path, "args[0]");
  assert.match(error.message, /is a Lock, which threads can share and processes cannot/);
  await using isolated = new SerialExecutor({ isolate: true });
  const guard = await lock.acquire();
  await assert.rejects(isolated.submit(String, guard), SerializationError);
  guard.release();
});
