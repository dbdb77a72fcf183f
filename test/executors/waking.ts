// Tasks that tell how their worker is scheduled.

import { readFileSync } from "node:fs";
import type { Executor } from "dure";
import { square } from "../fixtures/arithmetic.js";

/** Linux's names. */
export const USUAL = 0;
export const BATCH = 3;

/** Where the policy is among the fields that follow the name in brackets. */
const POLICY_FIELD = 38;

export function policyOfThread(): number {
  const stat = readFileSync("/proc/thread-self/stat", "utf8");
  return Number(stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[POLICY_FIELD]);
}

/** More tasks than it takes, should it never come to it. */
const ROUNDS = 40;
const TASKS = 1_000;

/** Runs very many tasks, and tells how their worker is scheduled then. */
export async function runUntilBatch(pool: Executor): Promise<number> {
  for (let round = 0; round < ROUNDS && (await pool.submit(policyOfThread)) !== BATCH; round += 1)
    await Promise.all(Array.from({ length: TASKS }, (_, n) => pool.submit(square, n)));
  return pool.submit(policyOfThread);
}
