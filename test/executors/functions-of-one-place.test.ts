// Functions made at one place of the source differ in what they captured: none may run in another's stead.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProcessPoolExecutor, SerialExecutor, ThreadPoolExecutor, type Executor } from "dure";

const OFFSET = 100;

function scaled(factor: number): (item: number) => number {
  return (item) => item * factor + OFFSET;
}

const RUNGS: Record<string, () => Executor> = {
  serial: () => new SerialExecutor({ isolate: true }),
  threads: () => new ThreadPoolExecutor({ maxWorkers: 1 }),
  processes: () => new ProcessPoolExecutor({ maxWorkers: 1 }),
};

for (const [rung, create] of Object.entries(RUNGS)) {
  describe(rung, () => {
    test("closures of a loop keep their own captured values", async () => {
      await using pool = create();
      const closures = [1, 2, 3, 4].map(scaled);
      assert.deepEqual(await Promise.all(closures.map((closure) => pool.submit(closure, 1))), [101, 102, 103, 104]);
      for (const [index, closure] of closures.entries()) assert.equal(await pool.submit(closure, 10), 10 * (index + 1) + OFFSET);
    });

    test("a map after another has its own captured values", async () => {
      await using pool = create();
      assert.deepEqual(await pool.map(scaled(3), [1, 2]), [103, 106]);
      assert.deepEqual(await pool.map(scaled(2), [1, 2]), [102, 104]);
    });

    test("bound functions of one target keep what they are bound to", async () => {
      await using pool = create();
      const add = (a: number, b: number): number => a + b;
      const bound = [add.bind(undefined, 10), add.bind(undefined, 20), add];
      assert.deepEqual(await Promise.all(bound.map((fn) => pool.submit(fn as typeof add, 1, 2))), [11, 21, 3]);
      assert.equal(await pool.submit(scaled(2).bind(undefined), 4), 108);
      assert.equal(await pool.submit(scaled(5).bind(undefined), 4), 120);
    });
  });
}
