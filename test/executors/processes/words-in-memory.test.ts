// A process that gets very many tasks: its control words and messages move into memory that it and its pool map.

import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ProcessPoolExecutor, WorkerLostError } from "dure";
import { runWithoutMemory } from "./forbidden-memory.ts";

const LINUX = { skip: process.platform !== "linux" && "Linux only" };
/** More than it takes. */
const MANY = 40_000;

const numbers = Array.from({ length: MANY }, (_, index) => index);
const double = (x: number): number => 2 * x;

/** Of control words and rings, that a process has mapped. */
function hasMapped(pid: number): boolean {
  return /memfd:dure \(deleted\)/.test(readFileSync(`/proc/${pid}/maps`, "utf8"));
}

test("a worker that has had very many tasks shares memory with its pool, and one that has had few does not", LINUX, async () => {
  const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  const first = executor.submit(double, 1);
  equal(await first, 2);
  const pid = first.worker!.pid!;
  equal(hasMapped(pid), false);
  deepEqual(await executor.map(double, numbers), numbers.map(double));
  ok(hasMapped(pid));
  deepEqual(await executor.map(double, numbers), numbers.map(double));
  await executor.shutdown();
  equal(hasMapped(process.pid), false);
});

test("what such a worker leaves when it is killed is settled as of any other, and its successor begins anew", LINUX, async () => {
  const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  await executor.map(double, numbers);
  const killed = executor.submit(() => void process.kill(process.pid, "SIGKILL"));
  const after = executor.submit(double, 21);
  await killed.then(
    () => ok(false, "it was killed"),
    (error: unknown) => ok(error instanceof WorkerLostError),
  );
  equal(await after, 42);
  deepEqual(await executor.map(double, numbers), numbers.map(double));
  ok(hasMapped(after.worker!.pid!));
  await executor.shutdown();
});

test("a worker that cannot open the memory goes on without", LINUX, () => {
  const printed = runWithoutMemory(`
    const numbers = Array.from({ length: ${2 * MANY} }, (_, index) => index);
    const doubled = await executor.map((x) => 2 * x, numbers);
    console.log(doubled.every((value, index) => value === 2 * index));
  `);
  equal(printed, "true\n");
});
