// How Linux schedules workers that run very many tasks: they do not take the processor from the pool that wakes them.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ProcessPoolExecutor, ThreadPoolExecutor, type Executor } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { BATCH, policyOfThread, runUntilBatch, USUAL } from "./waking.js";

const lack = process.platform === "linux" ? false : "Linux tells how a thread is scheduled";

/** Somebody's own choice, by the command that makes it. */
const IDLE = 5;

const POOLS: readonly [name: string, open: () => Executor][] = [
  ["threads", () => new ThreadPoolExecutor({ maxWorkers: 1 })],
  ["processes", () => new ProcessPoolExecutor({ maxWorkers: 1 })],
];

for (const [name, open] of POOLS) {
  test(`${name}: a worker is scheduled as any thread, and once it has run very many tasks behind whoever wakes it`, { skip: lack }, async () => {
    const pool = open();
    try {
      assert.equal(await pool.submit(policyOfThread), USUAL);
      assert.equal(await runUntilBatch(pool), BATCH);
      assert.equal(await pool.submit(square, 3), 9);
    } finally {
      await pool.terminate();
    }
  });
}

const hasCommand = spawnSync("chrt", ["--version"]).status === 0;

test("workers of a program that is scheduled in a way of its own are left alone", { skip: lack || (hasCommand ? false : "needs the command chrt") }, () => {
  const program = fileURLToPath(new URL("fixtures/run-many.js", import.meta.url));
  const { stdout, stderr } = spawnSync("chrt", ["--idle", "0", process.execPath, program], { encoding: "utf8" });
  assert.equal(stderr, "");
  assert.equal(stdout, `${IDLE}\n`);
});
