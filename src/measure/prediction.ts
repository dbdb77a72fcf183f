// Predicts how long a rung takes for all items, from what a sample of calls cost. Pure; called by compare-rungs.ts.
//
// Three things bound a rung, and the slowest of them decides: the calls that one worker must make one after another, the
// cores that share all computing, and the thread that hands items out. Which bound holds depends on the function.

import type { Sample } from "./sample.ts";

/** A rung, as far as its time depends on it. */
export interface Lanes {
  /** Calls in progress at once. */
  readonly count: number;
  /** Whether each lane has a thread of its own. */
  readonly isParallel: boolean;
  /** Whether what moves is copied from one process to another. */
  readonly haveOwnMemory: boolean;
}

/** What the machine has. */
export interface Cores {
  readonly count: number;
  /** Threads that libuv keeps for what Node does beside JavaScript. */
  readonly background: number;
}

export interface Workload {
  readonly items: number;
  readonly sample: Pick<Sample, "durations" | "elapsed" | "computing" | "waiting" | "outrun" | "elsewhere" | "together">;
  /** Seconds to hand one item over and take its result, as measured with many in a row. */
  readonly moveSecondsPerItem: number;
}

/** Below this share of a call, what is neither computing nor waiting is taken for a fault of the clocks. */
const SOME_BLOCKING = 0.3;
/** From this share of a call on, what computes beside this thread is felt by it. */
const SOME_ELSEWHERE = 0.3;
/** What computes beside this thread, and wakes it, shares a core with it at times, or with what another lane computes beside: measured as 5 to 30 %. */
const CROWDED = 1.12;
/** Seconds from which on moving a value is above all copying it: between processes by the sender and, meanwhile, by the receiver. */
const COPYING = 100e-6;
/** Durations are drawn from the sample up to this many items; more than that average out. */
const SIMULATED_ITEMS = 10_000;

/** Seconds to map all items on workers that have started. */
export function predictSeconds({ items, sample, moveSecondsPerItem }: Workload, lanes: Lanes, cores: Cores): number {
  const { elapsed, computing, waiting, outrun, elsewhere } = sample;
  const handing = items * moveSecondsPerItem;
  if (lanes.isParallel) {
    const copies = lanes.haveOwnMemory && moveSecondsPerItem > COPYING ? 2 : 1;
    const shared = (items * (computing + elsewhere + copies * moveSecondsPerItem)) / cores.count;
    const alone = scheduleSeconds(sample.durations, items, lanes.count) * (elsewhere > SOME_ELSEWHERE * elapsed ? CROWDED : 1);
    return Math.max(handing, shared, alone + handing / cores.count);
  }
  if (lanes.count === 1) return items * elapsed + handing;
  // One thread: what does not wait is done by it alone, one call after another.
  const held = Math.max(0, elapsed - computing - waiting - outrun);
  const blocked = held > SOME_BLOCKING * elapsed ? held : 0;
  const background = (items * sample.together.elsewhere) / Math.min(cores.count, cores.background);
  return Math.max(items * (sample.together.computing + blocked) + handing, background, scheduleSeconds(sample.durations, items, lanes.count));
}

/** How long calls of these durations take if each goes to whichever lane is free first. The list is repeated as needed. */
export function scheduleSeconds(durations: readonly number[], items: number, lanes: number): number {
  if (durations.length === 0 || items === 0) return 0;
  const simulated = Math.min(items, SIMULATED_ITEMS);
  const ends = new Array<number>(Math.min(lanes, simulated)).fill(0);
  for (let item = 0; item < simulated; item += 1) {
    const lane = ends.indexOf(Math.min(...ends));
    ends[lane]! += durationOf(durations, item, simulated);
  }
  return Math.max(...ends) * (items / simulated);
}

/** The sample is spread evenly over the items, so the nearest one of it stands for each item. */
function durationOf(durations: readonly number[], item: number, items: number): number {
  return durations[Math.floor((item * durations.length) / items)]!;
}
