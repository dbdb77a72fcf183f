// What this thread does with a stretch of time: computing, waiting for events, blocked in a call, or ready to run while
// other programs have the processor. Read around the serial run, when nothing else of ours runs.

import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { cpuUsage } from "node:process";
import type { TimeUse } from "./comparison.ts";

/** Seconds of one stretch of time. */
export interface Stretch {
  readonly elapsed: number;
  /** Processor time, at most what elapsed: the compiler and the collector of garbage run beside us. */
  readonly computing: number;
  /** Time for which the event loop had nothing to do. */
  readonly waiting: number;
  /** Time for which it could have run, but the system let others run. 0 where the system does not say. */
  readonly outrun: number;
}

/** Begins a stretch; the function that it returns ends it. */
export function startStretch(): () => Stretch {
  const loop = performance.eventLoopUtilization();
  const cpu = cpuUsage();
  const outrunBefore = outrunSeconds();
  const begun = performance.now();
  return () => {
    const elapsed = (performance.now() - begun) / 1e3;
    const { user, system } = cpuUsage(cpu);
    const waiting = Math.min(elapsed, performance.eventLoopUtilization(loop).idle / 1e3);
    return { elapsed, computing: Math.min(elapsed, (user + system) / 1e6), waiting, outrun: Math.min(elapsed, outrunSeconds() - outrunBefore) };
  };
}

/** The shares of a stretch. What is left over when all that was seen is taken away must have been a call that blocks. */
export function timeUseOf(stretch: Stretch): TimeUse {
  const { elapsed, computing, waiting, outrun } = stretch;
  if (elapsed === 0) return { waiting: 0, blocked: 0, outrun: 0 };
  const blocked = Math.max(0, elapsed - computing - waiting - outrun);
  return { waiting: waiting / elapsed, blocked: blocked / elapsed, outrun: outrun / elapsed };
}

/** Linux counts, for each thread, the nanoseconds for which it stood in line for a processor. */
function outrunSeconds(): number {
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[1]) / 1e9;
  } catch {
    return 0;
  }
}
