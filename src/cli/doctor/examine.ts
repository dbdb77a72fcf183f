// Tries out whether a function and its items cross to each rung: really, to a worker of each. The function itself is
// called only if asked for.

import type { Executor } from "../../contract/executor.ts";
import { RUNGS, type Rung } from "../rungs.ts";
import { createQuietExecutor } from "../standard-output.ts";
import type { ItemFunction } from "../target.ts";

/** How a function and its items fared on one rung. */
export interface RungReport {
  readonly rung: Rung;
  /** Whether the function arrived there. */
  readonly crosses: boolean;
  /** Items that went there and came back; `undefined` if there are none. */
  readonly items: number | undefined;
  /** Calls that gave a result, which came back; `undefined` if it was not to be called. */
  readonly calls: number | undefined;
  /** Why not, each reason once, with what to do. */
  readonly problems: readonly string[];
}

export interface Examination {
  readonly fn: ItemFunction;
  readonly items: readonly unknown[];
  readonly shouldCall: boolean;
  /** Whether workers refuse it as a task: a method that needs `this`, which may cross as a value. */
  readonly isRefused: boolean;
}

export async function examineRungs(examination: Examination): Promise<RungReport[]> {
  const reports: RungReport[] = [];
  for (const rung of RUNGS) reports.push(await examineRung(rung, examination));
  return reports;
}

async function examineRung(rung: Rung, { fn, items, shouldCall, isRefused }: Examination): Promise<RungReport> {
  const executor = createQuietExecutor(HAS_WORKERS.includes(rung) ? `${rung}:1` : rung);
  const problems = new Set<string>();
  try {
    const arrived = count(problems, await Promise.allSettled([executor.submit(arrives, fn)])) === 1;
    const crosses = arrived && !(isRefused && HAS_WORKERS.includes(rung));
    const returned = items.length === 0 ? undefined : await tryItems(executor, comesBack, items, problems);
    const calls = shouldCall && crosses ? await tryItems(executor, fn, items, problems) : undefined;
    return { rung, crosses, items: returned, calls, problems: [...problems] };
  } finally {
    await executor.shutdown();
  }
}

const HAS_WORKERS: readonly Rung[] = ["threads", "processes"];

/** Runs in the worker: the function has been unpacked there, its module loaded. */
function arrives(fn: ItemFunction): boolean {
  return typeof fn === "function";
}

function comesBack(item: unknown): unknown {
  return item;
}

async function tryItems(executor: Executor, fn: ItemFunction, items: readonly unknown[], problems: Set<string>): Promise<number> {
  return count(problems, await executor.map(fn, items, { onError: "collect" }));
}

function count(problems: Set<string>, outcomes: readonly PromiseSettledResult<unknown>[]): number {
  for (const each of outcomes) if (each.status === "rejected") problems.add(each.reason instanceof Error ? each.reason.message : String(each.reason));
  return outcomes.filter((each) => each.status === "fulfilled").length;
}
