// How Linux schedules workers that run very many tasks: they do not take the processor from the pool that wakes them.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ProcessPoolExecutor } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { BATCH, policyOfThread, runUntilBatch, USUAL } from "./waking.js";

const lack = process.platform === "linux" ? false : "Linux tells how a thread is scheduled";

/** Somebody's own choice, by the command that makes it. */
const IDLE = 5;

test("processes: a worker is scheduled as any, and once it has run very many tasks behind whoever wakes it", { skip: lack }, async () => {
  const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  try {
    assert.equal(await pool.submit(policyOfThread), USUAL);
    assert.equal(await runUntilBatch(pool), BATCH);
    assert.equal(await pool.submit(square, 3), 9);
  } finally {
    await pool.terminate();
  }
});

test("threads: a worker loads no native code, however many tasks it runs: ended meanwhile, it would end the program", { skip: lack }, () => {
  const program = fileURLToPath(new URL("fixtures/end-threads.js", import.meta.url));
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [program], { encoding: "utf8" });
  assert.deepEqual({ stdout, stderr, status, signal }, { stdout: "none\n".repeat(3), stderr: "", status: 0, signal: null });
});

const hasCommand = spawnSync("chrt", ["--version"]).status === 0;

test("workers of a program that is scheduled in a way of its own are left alone", { skip: lack || (hasCommand ? false : "needs the command chrt") }, () => {
  const program = fileURLToPath(new URL("fixtures/run-many.js", import.meta.url));
  const { stdout, stderr } = spawnSync("chrt", ["--idle", "0", process.execPath, program], { encoding: "utf8" });
  assert.equal(stderr, "");
  assert.equal(stdout, `${IDLE}\n`);
});
