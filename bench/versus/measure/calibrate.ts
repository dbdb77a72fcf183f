// How many steps of `work` take a millisecond here, alone on a core; and its workers kept busy until all have started.

import type { ContenderPool } from "../contender.ts";
import { work } from "../tasks.ts";

export function stepsPerMillisecond(): number {
  let steps = 100_000;
  while (durationOf(steps) < 10) steps *= 2;
  const durations = Array.from({ length: 9 }, () => durationOf(steps));
  return steps / Math.min(...durations);
}

export function durationOf(steps: number): number {
  const begun = performance.now();
  work(steps);
  return performance.now() - begun;
}

/** Every worker has run something when this has ended, as one that still starts takes no task. */
export async function warmUp(pool: ContenderPool, workers: number): Promise<void> {
  const steps = Math.round(stepsPerMillisecond() * 20);
  await Promise.all(Array.from({ length: workers * 4 }, () => pool.run("work", steps)));
  await Promise.all(Array.from({ length: 1000 }, (_, index) => pool.run("increment", index)));
}
