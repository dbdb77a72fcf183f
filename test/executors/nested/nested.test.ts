// Pools inside of workers of pools: nothing waits for ever, and all together use no more cores than the outermost may.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Executor } from "dure";
import { AsyncExecutor, ProcessPoolExecutor, SerialExecutor, ThreadPoolExecutor } from "dure";
import { defaultMaxWorkers } from "#dure/executors/pooled/available-cores.js";
import { Gate, until } from "../../gate.js";
import { branch, descend, descendAndHold, open, type Kind } from "./descents.js";

const DEPTH = 10;

const DESCENTS: readonly (readonly [fact: string, kinds: readonly Kind[]])[] = [
  ["threads in threads", Array.from({ length: DEPTH }, () => "threads")],
  ["processes in processes", Array.from({ length: DEPTH }, () => "processes")],
  ["threads in processes in threads", Array.from({ length: 4 }, (_, level) => (level % 2 === 0 ? "threads" : "processes"))],
];

for (const [fact, kinds] of DESCENTS) {
  test(`${fact}, ${kinds.length} deep, come to their end, and none takes more than its share`, async () => {
    const [outermost, ...inner] = await descend(kinds);
    assert.equal(outermost, defaultMaxWorkers());
    assert.deepEqual(
      inner,
      inner.map(() => 1),
    );
  });
}

for (const kind of ["threads", "processes"] as const) {
  test(`${kind}: what DURE_MAX_WORKERS says is shared out level by level`, async () => {
    await using pool =
      kind === "threads" ? new ThreadPoolExecutor({ maxWorkers: 1, env: environment() }) : new ProcessPoolExecutor({ maxWorkers: 1, env: environment() });
    // The outer pool is told for its workers, which share out what they were told.
    assert.deepEqual(await pool.submit(sharesOf, [kind, [2, 3]] as const), [6, 3, 1]);
  });
}

function environment(): Record<string, string | undefined> {
  return { ...process.env, DURE_MAX_WORKERS: "6" };
}

/** The default `maxWorkers` at each level, where the pools in between have so many workers. */
async function sharesOf([kind, [maxWorkers, ...deeper]]: readonly [Kind, readonly number[]]): Promise<number[]> {
  const own = open(kind).maxWorkers;
  if (maxWorkers === undefined) return [own];
  const pool = open(kind, maxWorkers);
  try {
    return [own, ...(await pool.submit(sharesOf, [kind, deeper] as const))];
  } finally {
    await pool.shutdown();
  }
}

test("a tree of pools runs no more tasks at once than the outermost pool has workers", async () => {
  const counts = new Int32Array(new SharedArrayBuffer(12));
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  const share = Math.max(1, Math.floor(defaultMaxWorkers() / 2));
  await pool.map(
    branch,
    Array.from({ length: 4 }, () => ["threads", 1, counts] as const),
  );
  assert.equal(counts[2], 4 * 3 * share);
  assert.ok((counts[1] ?? 0) <= Math.max(2, defaultMaxWorkers()), `${counts[1]} ran at once`);
});

const LOCAL: readonly (readonly [name: string, create: () => Executor])[] = [
  ["SerialExecutor", () => new SerialExecutor()],
  ["AsyncExecutor", () => new AsyncExecutor({ maxConcurrency: 2 })],
];
for (const [name, create] of LOCAL) {
  test(`${name}: tasks that submit to their own pool and wait, ten deep and three wide, do not wait for ever`, async () => {
    await using pool = create();
    const leaves = async (depth: number): Promise<number> => {
      if (depth === 0) return 1;
      const width = depth % 3 === 0 ? 3 : 1;
      const counts = await Promise.all(Array.from({ length: width }, () => pool.submit(leaves, depth - 1)));
      return counts.reduce((sum, count) => sum + count, 0);
    };
    assert.deepEqual(await Promise.all([pool.submit(leaves, DEPTH), pool.submit(leaves, DEPTH)]), [27, 27]);
  });
}

for (const kind of ["threads", "processes"] as const) {
  test(`${kind}: terminate() ends the pools inside of its workers too, however deep`, async () => {
    const gate = new Gate();
    const pool = open(kind);
    const future = pool.submit(descendAndHold, [[kind, "processes"], gate.folder] as const);
    await gate.begun(1);
    await pool.terminate();
    assert.equal(future.state, "failed");
    const pids = readdirSync(gate.folder).flatMap((name) => (name.startsWith("pid-") ? [Number(name.slice(4))] : []));
    assert.ok(pids.length >= 2);
    await until(() => pids.every((pid) => pid === process.pid || !isAlive(pid)));
    gate.remove();
  });
}

/** What a thread has started and nobody waits for any more has no one to take its exit code until the program ends, but runs no more. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !(process.platform === "linux" && /^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));
  } catch {
    return false;
  }
}
