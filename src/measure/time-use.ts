// What this thread does with a stretch of time: computing, waiting for events, blocked in a call, or ready to run while
// other programs have the processor. Read around the serial run, when nothing else of ours runs.

import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { cpuUsage } from "node:process";
import type { TimeUse } from "./comparison.ts";

/** Seconds of one stretch of time. */
export interface Stretch {
  readonly elapsed: number;
  /** Processor time of this thread, at most what elapsed. */
  readonly computing: number;
  /** Time for which the event loop had nothing to do. */
  readonly waiting: number;
  /** Time for which it could have run, but the system let others run. 0 where the system does not say. */
  readonly outrun: number;
  /** Processor time of this program's other threads: libuv's pool, native libraries. 0 where the system does not say. */
  readonly elsewhere: number;
}

/** Begins a stretch; the function that it returns ends it. */
export function startStretch(): () => Stretch {
  const loop = performance.eventLoopUtilization();
  const cpu = cpuUsage();
  const thread = threadTimes();
  const begun = performance.now();
  return () => {
    const elapsed = (performance.now() - begun) / 1e3;
    const { user, system } = cpuUsage(cpu);
    const waiting = Math.min(elapsed, performance.eventLoopUtilization(loop).idle / 1e3);
    const { ran, outrun } = threadTimes();
    const total = (user + system) / 1e6;
    const own = ran === undefined || thread.ran === undefined ? total : ran - thread.ran;
    return {
      elapsed,
      computing: Math.min(elapsed, own),
      waiting,
      outrun: Math.min(elapsed, outrun - thread.outrun),
      elsewhere: Math.max(0, total - own),
    };
  };
}

/** The shares of a stretch. What is left over when all that was seen is taken away must have been a call that blocks. */
export function timeUseOf(stretch: Stretch): TimeUse {
  const { elapsed, computing, waiting, outrun, elsewhere } = stretch;
  if (elapsed === 0) return { waiting: 0, blocked: 0, outrun: 0, elsewhere: 0 };
  const blocked = Math.max(0, elapsed - computing - waiting - outrun);
  return { waiting: waiting / elapsed, blocked: blocked / elapsed, outrun: outrun / elapsed, elsewhere: elsewhere / elapsed };
}

/** Linux counts, for each thread, the nanoseconds for which it ran and those for which it stood in line for a processor. */
function threadTimes(): { ran: number | undefined; outrun: number } {
  try {
    const [ran, outrun] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ").map(Number);
    return { ran: (ran ?? NaN) / 1e9, outrun: (outrun ?? NaN) / 1e9 };
  } catch {
    return { ran: undefined, outrun: 0 };
  }
}
