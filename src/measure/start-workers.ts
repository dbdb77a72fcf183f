// Brings an executor to the state of one that has been used before: every worker runs and has loaded the function.

import { setTimeout as sleep } from "node:timers/promises";
import type { Executor, ExecutorStats } from "../contract/executor.ts";
import { take } from "./probe.ts";

/** Starts `count` workers, with `fn` loaded in each. Rejects if none can be started or the function cannot cross. */
export async function startWorkers(executor: Executor, fn: (...args: never[]) => unknown, count: number): Promise<void> {
  await loadOnce(executor, fn, count);
  // The first worker to be ready may have loaded the function for all: wait for the others, then ask each again.
  while (isStarting(executor.stats(), count)) await sleep(1);
  await loadOnce(executor, fn, count);
}

function isStarting({ state, workers, idleWorkers }: ExecutorStats, count: number): boolean {
  return state === "open" && idleWorkers < Math.min(count, workers);
}

async function loadOnce(executor: Executor, fn: (...args: never[]) => unknown, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => executor.submit(take, fn)));
}
