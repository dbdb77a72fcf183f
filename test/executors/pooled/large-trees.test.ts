// Large lists and objects of data, which cross as bytes.

import { deepEqual, equal, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { ProcessPoolExecutor, SerializationError, ThreadPoolExecutor, WorkerLostError } from "dure";
import type { Executor } from "dure";
import { Gate } from "../../gate.ts";
import { exitWhenOpened } from "../../fixtures/large-values.js";
import { runWithoutMemory } from "../processes/forbidden-memory.ts";

interface Row {
  readonly id: number;
  readonly name: string;
  price: number;
  readonly tags: readonly string[];
}

const rows = (count: number): Row[] =>
  Array.from({ length: count }, (_, id) => ({ id, name: `row ${id}`, price: id / 4, tags: id % 3 === 0 ? ["third"] : [] }));
const echo = <T>(value: T): T => value;

const LARGE: [fact: string, make: () => unknown][] = [
  ["records", () => rows(5000)],
  ["records deep inside", () => ({ pages: [{ rows: rows(3000) }, { rows: rows(3000) }], at: new Date(0) })],
  ["numbers", () => Array.from({ length: 20_000 }, (_, index) => (index % 7 === 0 ? index : index / 7))],
  ["texts", () => Array.from({ length: 5000 }, (_, index) => `${"é\u{1F600}x".repeat(index % 20)}${index}`)],
  ["a matrix", () => Array.from({ length: 100 }, (_, row) => Array.from({ length: 100 }, (_unused, column) => row * column))],
  ["a table whose keys are data", () => Object.fromEntries(rows(5000).map((row) => [row.name, row]))],
  ["a Map", () => new Map(rows(5000).map((row) => [row.id, row]))],
  ["a Set", () => new Set(rows(5000))],
];

const workers: Record<string, (maxWorkers: number) => Executor> = {
  threads: (maxWorkers) => new ThreadPoolExecutor({ maxWorkers }),
  processes: (maxWorkers) => new ProcessPoolExecutor({ maxWorkers }),
};

for (const [rung, open] of Object.entries(workers)) {
  test(`large values of data arrive, and come back, as they are (${rung})`, async () => {
    await using executor = open(1);
    for (const [fact, make] of LARGE) {
      const value = make();
      // Again, as a worker and its pool have more ways once they know each other.
      for (let round = 0; round < 2; round += 1) deepEqual(await executor.submit(echo, value), value, fact);
      deepEqual(await executor.submit((first: unknown, second: unknown) => [second, first], value, 1), [1, value], fact);
    }
  });

  test(`what changes after submit is not seen (${rung})`, async () => {
    await using executor = open(1);
    const given = rows(5000);
    const sum = executor.submit((list: readonly Row[]) => list.reduce((total, { price }) => total + price, 0), given);
    for (const row of given) row.price = 0;
    equal(await sum, (4999 * 5000) / 8);
  });

  test(`what is more than data crosses among very much data, too (${rung})`, async () => {
    class Total {
      readonly value: number;

      constructor(value: number) {
        this.value = value;
      }
    }
    await using executor = open(1);
    const list = rows(3000);
    const [back, total, again, fn] = await executor.submit(echo, [list, new Total(3), list, (x: number) => x + 1] as const);
    deepEqual(back, list);
    strictEqual(back, again);
    ok(total instanceof Total);
    equal(fn(1), 2);
    const circle: unknown[] = [...list];
    circle.push(circle);
    const circular = await executor.submit(echo, circle);
    strictEqual(circular.at(-1), circular);
  });

  test(`what cannot cross is named by its place among very much data (${rung})`, async () => {
    await using executor = open(1);
    const list: unknown[] = rows(3000);
    list[2000] = { id: 1, name: "row", price: 1, tags: [Symbol("own")] };
    const refused = await executor.submit(echo, { list }).exception();
    ok(refused instanceof SerializationError, String(refused));
    equal(refused.path, "args[0].list[2000].tags[0]");
    const result = await executor.submit(() => Array.from({ length: 3000 }, (_, id) => ({ id, of: id === 7 ? new WeakMap() : null }))).exception();
    ok(result instanceof SerializationError, String(result));
    equal(result.path, "result[7].of");
  });

  test(`a getter that submits while its value is packed disturbs nothing (${rung})`, async () => {
    await using executor = open(1);
    const inner = rows(3000).map((row) => ({ ...row, name: "inner" }));
    let other: Promise<Row[]> | undefined;
    const outer = rows(3000).map((row) => ({
      ...row,
      get more() {
        if (row.id === 1500) other ??= executor.submit(echo, inner);
        return row.id;
      },
    }));
    deepEqual(
      await executor.submit(echo, outer),
      rows(3000).map((row) => ({ ...row, more: row.id })),
    );
    deepEqual(await other, inner);
  });

  test(`a large value that a lost worker was given goes to another (${rung})`, async () => {
    const gate = new Gate();
    try {
      await using executor = open(1);
      async function* exitThenRows(): AsyncGenerator<readonly [folder: string | undefined, list: readonly Row[]]> {
        yield [gate.folder, []];
        await gate.begun(1);
        yield [undefined, rows(5000)];
      }
      const outcomes = executor.map(exitWhenOpened, exitThenRows(), { chunkSize: 1, onError: "collect" });
      await gate.begun(1);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      gate.open();
      const [exited, large] = await outcomes;
      ok(exited?.status === "rejected" && exited.reason instanceof WorkerLostError, String(exited));
      deepEqual(large, { status: "fulfilled", value: 5000 });
    } finally {
      gate.remove();
    }
  });
}

test("where a worker may not open its pool's memory, large values go by the socket", { skip: process.platform !== "linux" && "Linux only" }, () => {
  const printed = runWithoutMemory(`
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id, name: "row " + id }));
    for (let round = 0; round < 3; round += 1) {
      const result = await executor.submit((given) => given.slice(), rows);
      if (JSON.stringify(result) !== JSON.stringify(rows)) console.log("differs");
    }
    console.log(executor.stats().transport.largeValues);
  `);
  match(printed, /^socket\n$/);
});
