// For how long the two sides of a pool look at shared memory, from what its user said and the cores that there are.

import type { SpinOptions } from "../../contract/options.ts";
import type { SpinTimes } from "../../transport/worker-host.ts";

/**
 * Milliseconds that an idle worker looks if nobody says. A caller that awaits one task after another sends the next one
 * some 20 microseconds after a result; looking for longer than it takes to wake a sleeping thread twice seldom pays.
 */
const WORKER_MS = 0.05;

/** `cores` is asked only if it matters: what it costs to find out. */
export function spinTimes(spin: number | SpinOptions | undefined, maxWorkers: number, cores: () => number): SpinTimes {
  if (typeof spin === "number") return { worker: spin, caller: spin };
  return { worker: spin?.worker ?? defaultWorkerTime(maxWorkers, cores), caller: spin?.caller ?? 0 };
}

/** A worker that looks must not take the core of one that computes, or of the caller. */
function defaultWorkerTime(maxWorkers: number, cores: () => number): number {
  try {
    return maxWorkers + 1 < cores() ? WORKER_MS : 0;
  } catch {
    // What the environment says is no number of cores: it is for who relies on it to refuse it.
    return 0;
  }
}
