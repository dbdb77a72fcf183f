import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { AsyncExecutor, Process, ProcessPoolExecutor, SerialExecutor, share, ThreadPoolExecutor } from "dure";
import type { Executor } from "dure";
import { collectGarbage } from "../../garbage.ts";

interface Table {
  readonly name: string;
  readonly numbers: Float64Array;
}

const makeTable = (): Table => share({ name: "table", numbers: new Float64Array(50_000).fill(2) });

/** In the worker: whether it is the object that the worker was given first. */
const isTheSame = (table: Table): boolean => {
  const scope = globalThis as { table?: Table };
  return (scope.table ??= table) === table && table.numbers[49_999] === 2;
};

const workers: Record<string, () => Executor> = {
  threads: () => new ThreadPoolExecutor({ maxWorkers: 1 }),
  processes: () => new ProcessPoolExecutor({ maxWorkers: 1 }),
};

for (const [rung, open] of Object.entries(workers)) {
  test(`share(): all tasks of a worker get one object, as an argument, a part of one or a captured variable (${rung})`, async () => {
    await using executor = open();
    const table = makeTable();
    ok(await executor.submit(isTheSame, table));
    ok(await executor.submit(({ part }: { part: readonly Table[] }) => (globalThis as { table?: Table }).table === part[0], { part: [table] }));
    ok(await executor.submit(() => (globalThis as { table?: Table }).table === table));
    deepEqual(await executor.map((item: number) => [item, (globalThis as { table?: Table }).table === table] as const, [1, 2]), [
      [1, true],
      [2, true],
    ]);
    deepEqual(await executor.submit((given: Table) => given, table), table);
  });

  test(`share(): a worker that replaces another gets the value again (${rung})`, async () => {
    await using executor = open();
    const table = makeTable();
    ok(await executor.submit(isTheSame, table));
    await executor.submit(() => process.exit(1)).catch(() => {});
    ok(await executor.submit(isTheSame, table));
  });
}

test("share(): tasks in the caller's own thread get the very object, unless they are isolated", async () => {
  const table = makeTable();
  await using serial = new SerialExecutor();
  await using loop = new AsyncExecutor();
  await using isolated = new SerialExecutor({ isolate: true });
  const seen: Table[] = [];
  for (const executor of [serial, loop]) equal(await executor.submit((given: Table) => given, table), table);
  for (let round = 0; round < 2; round += 1) await isolated.submit((given: Table, list: Table[]) => void list.push(given), table, share(seen));
  ok(await isolated.submit(isTheSame, table));
  ok(await isolated.submit(isTheSame, table));
});

test("share(): SharedArrayBuffers in it stay shared between threads", async () => {
  await using executor = new ThreadPoolExecutor({ maxWorkers: 2 });
  const counts = share({ words: new Int32Array(new SharedArrayBuffer(8)) });
  await executor.map(() => Atomics.add(counts.words, 0, 1), [1, 2, 3]);
  equal(counts.words[0], 3);
});

test("share(): workers forget what nobody in the caller refers to any more", async () => {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 1, execArgv: ["--expose-gc"] });
  const keep = (table: Table): void => void ((globalThis as { reference?: WeakRef<Table> }).reference = new WeakRef(table));
  await (() => executor.submit(keep, makeTable()))();
  for (let isThere = true; isThere; ) {
    collectGarbage();
    isThere = await executor.submit(() => {
      const { gc, reference } = globalThis as unknown as { gc(): void; reference: WeakRef<Table> };
      gc();
      return reference.deref() !== undefined;
    });
  }
});

test("share(): a single process gets it, too", async () => {
  const table = makeTable();
  equal(await new Process((given: Table, other: Table) => given === other && given.numbers.length, [table, table]).start().result, 50_000);
});
