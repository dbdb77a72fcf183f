// Makes a fault happen at a stage, in a worker of a pool. Used by the cells, and by the program that dies of it.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { task, type Executor, type Future, type PoolOptions, type TaskSubmitter } from "dure";
import { until } from "../gate.ts";
import type { Fault } from "./fixtures/commit.ts";
import { leaveBehind, leaveForTheEnd, makeTrap, runInto, takeTrap, Trap } from "./fixtures/tasks.ts";
import type { Stage } from "./matrix.ts";

/** Makes a full heap come soon. Enough for the worker itself. */
const HEAP_MB = 64;

/** What a pool is opened with for a fault at this stage. */
export function poolOptions(stage: Stage, fault: Fault): PoolOptions {
  return {
    // V8 and Node say much about a full heap.
    stderr: "ignore",
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    ...(stage === "initializing" && { initializer: runInto, initargs: [fault] }),
  };
}

/** The future that the fault should hit. */
export function provoke(
  pool: TaskSubmitter,
  stage: "importing" | "initializing" | "unpacking" | "running" | "packing" | "draining",
  fault: Fault,
): Future<unknown> {
  switch (stage) {
    case "importing":
      return pool.submit(task(new URL(`fixtures/loads-with-a-fault.js?fault=${encodeURIComponent(fault)}`, import.meta.url), "half"), 4);
    case "initializing":
      return pool.submit(takeTrap, new Trap("packing", fault));
    case "unpacking":
      return pool.submit(takeTrap, new Trap("unpacking", fault));
    case "running":
    case "draining":
      return pool.submit(runInto, fault);
    case "packing":
      return pool.submit(makeTrap, fault);
  }
}

let left = 0;

/** Resolves when the fault is about to come, in a worker that has nothing to do. */
export async function provokeIdle(pool: Executor, fault: Fault, parentFolder: string): Promise<void> {
  const folder = join(parentFolder, `left-${++left}`);
  mkdirSync(folder);
  await pool.submit(leaveBehind, fault, folder);
  writeFileSync(join(folder, "go"), "");
  await until(() => existsSync(join(folder, "gone")));
}

/** The fault comes when the pool is shut down. */
export async function provokeEnding(pool: Executor, fault: Fault): Promise<void> {
  await pool.submit(leaveForTheEnd, fault);
}
