// What a task imports from Node's modules is the worker's own, also where its function crosses by value.

import assert from "node:assert/strict";
import { sep } from "node:path";
import { test } from "node:test";
import { isMainThread, threadId, workerData } from "node:worker_threads";
import { ProcessPoolExecutor, SerialExecutor, ThreadPoolExecutor } from "dure";

const here = () => [isMainThread, threadId, typeof workerData, sep];

test("a captured threadId, isMainThread or workerData is that of the thread that runs the task", async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const future = pool.submit(here);
  assert.deepEqual(await future, [false, future.worker?.threadId, "object", sep]);
  assert.notEqual(future.worker?.threadId, threadId);
});

test("a captured threadId is that of the main thread in a process, and the caller's own on the serial rung", async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  assert.deepEqual((await pool.submit(here)).slice(0, 2), [true, 0]);
  await using isolated = new SerialExecutor({ isolate: true });
  assert.deepEqual((await isolated.submit(here)).slice(0, 2), [isMainThread, threadId]);
});
