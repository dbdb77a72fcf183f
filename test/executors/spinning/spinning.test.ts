import assert from "node:assert/strict";
import { test } from "node:test";
import { ProcessPoolExecutor, ThreadPoolExecutor, type Executor, type TaskContext } from "dure";

const increment = (value: number): number => value + 1;

const kinds = [
  ["threads", (): Executor => new ThreadPoolExecutor({ maxWorkers: 1, spin: 5 })],
  ["processes", (): Executor => new ProcessPoolExecutor({ maxWorkers: 1, spin: 5 })],
] as const;

for (const [kind, open] of kinds) {
  test(`${kind}: timers of the caller run although it awaits one task after another`, async () => {
    await using pool = open();
    const timer = { hasRung: false };
    setTimeout(() => void (timer.hasRung = true), 5);
    for (let count = 0; !timer.hasRung; count += 1) assert.equal(await pool.submit(increment, count), count + 1);
  });

  test(`${kind}: timers that a task left in its worker run although one task follows another`, async () => {
    await using pool = open();
    await pool.submit(() => void setTimeout(() => void Reflect.set(globalThis, "hasRung", true), 5));
    while (!(await pool.submit(() => "hasRung" in globalThis)));
  });

  test(`${kind}: a signal that aborts reaches a task of a worker that was found by looking`, async () => {
    await using pool = open();
    assert.equal(await pool.submit(increment, 1), 2);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 5);
    await assert.rejects(pool.with({ signal: controller.signal }).submit(waitForAbort), /enough/);
  });

  test(`${kind}: values of every kind cross, whichever way they take`, async () => {
    await using pool = open();
    const values = [1, -0, NaN, "text", "", "x".repeat(1000), 12n, -(2n ** 70n), null, undefined, true, { a: [1] }, new Map([[1, 2]]), new Uint8Array(3)];
    for (const value of values) assert.deepEqual(await pool.submit((given: unknown) => given, value), value);
    assert.deepEqual(await Promise.all(values.map((value) => pool.submit((given: unknown) => given, value))), values);
    assert.deepEqual(await pool.map((given: unknown) => given, values), values);
  });

  test(`${kind}: outcomes keep the order in which tasks end, whichever way they take`, async () => {
    await using pool = open();
    const ended: number[] = [];
    const giveBack = (index: number): unknown => (index % 3 === 0 ? { index } : index);
    await Promise.all(Array.from({ length: 500 }, async (_, index) => void (await pool.submit(giveBack, index), ended.push(index))));
    assert.deepEqual(
      ended,
      Array.from({ length: 500 }, (_, index) => index),
    );
  });
}

async function waitForAbort(): Promise<void> {
  const { currentTask } = await import("dure");
  const { signal } = currentTask() as TaskContext;
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  throw signal.reason;
}
