// What this process does with a stretch of time: computing, waiting for the event loop, or held. Read around the
// serial run, when nothing else of ours runs.

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
}

/** Begins a stretch; the function that it returns ends it. */
export function startStretch(): () => Stretch {
  const loop = performance.eventLoopUtilization();
  const cpu = cpuUsage();
  const begun = performance.now();
  return () => {
    const elapsed = (performance.now() - begun) / 1e3;
    const { user, system } = cpuUsage(cpu);
    const waiting = Math.min(elapsed, performance.eventLoopUtilization(loop).idle / 1e3);
    return { elapsed, computing: Math.min(elapsed, (user + system) / 1e6), waiting };
  };
}

/** The shares of a stretch. */
export function timeUseOf(stretch: Stretch): TimeUse {
  const { elapsed, computing, waiting } = stretch;
  if (elapsed === 0) return { waiting: 0, blocked: 0 };
  return { waiting: waiting / elapsed, blocked: Math.max(0, elapsed - computing - waiting) / elapsed };
}
