// Workers that are replaced for their age or size: no task is lost or held up by it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "dure";
import { workerName } from "../fixtures/worker-facts.js";
import { keep, keepNumbers, leaveTimer } from "./tasks.js";

for (const Executor of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  test(`${Executor.name}: maxTasksPerWorker replaces workers in the middle of a batch and a backlog, and no task is tried twice`, async () => {
    await using pool = new Executor({ maxWorkers: 2, maxTasksPerWorker: 40 });
    const futures = Array.from({ length: 200 }, () => pool.submit(workerName));
    const counts = new Map<string, number>();
    for (const future of futures) counts.set(await future, (counts.get(await future) ?? 0) + 1);
    assert.ok(futures.every((future) => future.attempts === 1));
    assert.ok(Math.max(...counts.values()) <= 40, [...counts.values()].join(", "));
    assert.deepEqual([counts.size >= 5, pool.stats().workersLost], [true, 0]);
  });

  test(`${Executor.name}: maxTasksPerWorker does not wait for what a task has left behind`, async () => {
    await using pool = new Executor({ maxWorkers: 1, maxTasksPerWorker: 1 });
    // A worker that is told to stop has 5 s to do so, and none of them takes it.
    const deadline = AbortSignal.timeout(4_000);
    const futures = Array.from({ length: 3 }, () => pool.with({ signal: deadline }).submit(leaveTimer));
    assert.equal(new Set(await Promise.all(futures)).size, 3);
  });

  test(`${Executor.name}: maxMemoryPerWorker replaces workers that have grown, after the task that they run`, async () => {
    const [task, limit] = Executor === ThreadPoolExecutor ? [keepNumbers, 60] : [keep, 120];
    await using pool = new Executor({ maxWorkers: 2, maxMemoryPerWorker: limit * 2 ** 20 });
    const futures = Array.from({ length: 12 }, () => pool.submit(task, 20));
    const names = await Promise.all(futures);
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    assert.ok(counts.size >= 3, `${counts.size} workers`);
    assert.ok(Math.max(...counts.values()) <= limit / 20 + 1, [...counts.values()].join(", "));
    assert.ok(futures.every((future) => future.attempts === 1));
    assert.equal(pool.stats().workersLost, 0);
  });
}
