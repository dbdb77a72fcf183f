// What the conformance cases need to know of a rung, and how a rung says what it cannot keep.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Executor, PoolOptions } from "dure";
import { Gate } from "../gate.js";

export interface Rung {
  readonly name: string;
  /** Opens an executor of this rung. Rungs without workers of their own take `maxWorkers` as their concurrency, or not at all. */
  open(options?: PoolOptions): Executor;
  /** Whether values are copied on their way. */
  readonly isolates: boolean;
  /** Whether tasks run in threads or processes of their own. */
  readonly hasWorkers: boolean;
  /** How many tasks run at once if two are asked for. */
  readonly concurrency: number;
  readonly skips: readonly Skip[];
}

/** A case that a rung cannot keep. */
export interface Skip {
  readonly rule: string;
  /** The fact of the one case that is meant; all cases of the rule if left out. */
  readonly fact?: string;
  readonly reason: string;
  /** Asserts what the rung does instead. */
  refusal(rung: Rung): Promise<void> | void;
}

/** One behaviour that every rung keeps. */
export interface ConformanceCase {
  /** Its number in the list of behaviours. */
  readonly rule: string;
  readonly fact: string;
  /** Bytes of memory that it takes. A machine that has less leaves it out, and says so. Default: what every machine has. */
  readonly freeMemory?: number;
  run(rung: Rung): Promise<void>;
}

/** Makes a test of each case, and of each skip a test that what is said instead holds. */
export function testConformance(rung: Rung, cases: readonly ConformanceCase[]): void {
  for (const skip of rung.skips) {
    assert.ok(
      cases.some((conformance) => isSkipped(conformance, skip)),
      `No case is meant by the skip of rule ${skip.rule}`,
    );
  }
  for (const conformance of cases) {
    const skip = rung.skips.find((candidate) => isSkipped(conformance, candidate));
    const name = `${rung.name}: ${conformance.rule}. ${conformance.fact}`;
    const lack = lackOf(conformance);
    if (lack !== undefined) test(name, { skip: lack });
    else if (skip === undefined) test(name, () => conformance.run(rung));
    else test(`${name} -- not kept: ${skip.reason}`, async () => await skip.refusal(rung));
  }
}

/** Why the case cannot be tried on this machine. */
function lackOf({ freeMemory = 0 }: ConformanceCase): string | undefined {
  const available = process.availableMemory();
  return available < freeMemory ? `takes ${freeMemory} bytes of memory, and ${available} are free` : undefined;
}

function isSkipped(conformance: ConformanceCase, skip: Skip): boolean {
  return conformance.rule === skip.rule && (skip.fact === undefined || skip.fact === conformance.fact);
}

/** Runs `body` with an executor, which is closed afterwards: drained on success, terminated on failure. */
export async function withExecutor(rung: Rung, options: PoolOptions, body: (executor: Executor) => Promise<void>): Promise<void> {
  const executor = rung.open(options);
  try {
    await body(executor);
    await executor.shutdown();
  } finally {
    await executor.terminate();
  }
}

/** As `withExecutor`, with a gate that is opened and removed afterwards, whatever happens. */
export async function withGate(rung: Rung, options: PoolOptions, body: (executor: Executor, gate: Gate) => Promise<void>): Promise<void> {
  const gate = new Gate();
  try {
    await withExecutor(rung, options, async (executor) => {
      try {
        await body(executor, gate);
      } finally {
        gate.open();
      }
    });
  } finally {
    gate.remove();
  }
}
