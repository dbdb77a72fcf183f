// What a comparison of rungs found: plain numbers, made by compare-rungs.ts, judged by advice.ts, printed by the
// command line. Times are in seconds here, as the tables show them.

/** One rung that ran the function over all items. */
export interface CompletedRun {
  readonly rung: string;
  readonly completed: true;
  /** From opening the executor until its workers had loaded the function. Paid once per executor. */
  readonly startSeconds: number;
  /** The map over all items on workers that had started: the median of the repetitions. */
  readonly seconds: number;
  /** Moving one item to a worker and one result back, without computing anything. */
  readonly moveSecondsPerItem: number;
  /** What `seconds` was predicted to be from a small sample, before the rung ran all items; `undefined` if the sample failed. */
  readonly predictedSeconds: number | undefined;
  /** Whether each repetition's results were deeply equal to the first serial results. */
  readonly agrees: boolean;
}

/** One rung that did not. */
export interface FailedRun {
  readonly rung: string;
  readonly completed: false;
  /** The error's name and message, on one line. */
  readonly error: string;
}

export type RungRun = CompletedRun | FailedRun;

/** What the function does with its time, from the serial run. The rest of 1 is computing. */
export interface TimeUse {
  /** Share of the time for which the event loop had nothing to do: timers, sockets, files. */
  readonly waiting: number;
  /** Share for which the thread was held without computing, by a call that blocks. */
  readonly blocked: number;
  /** Share for which the thread could have run, but this machine was busy with other work. */
  readonly outrun: number;
  /** Processor time of this program's other threads, as a share of the time; more than 1 if several compute. */
  readonly elsewhere: number;
}

/** Compute time against bytes moved: what decides whether moving an item to a worker can pay. */
export interface Leverage {
  readonly computeSecondsPerItem: number;
  /** An item and its result, as structured clone writes them. */
  readonly bytesPerItem: number;
}

/** What the serial run tells about the function itself. */
export interface Baseline {
  readonly timeUse: TimeUse;
  readonly leverage: Leverage;
}

/** What all rungs did with the same function and items. */
export interface Comparison {
  readonly functionName: string;
  readonly items: number;
  /** Workers of the threads and the processes rungs. */
  readonly workers: number;
  /** How often each rung ran all items; if more than once, after one run to warm up. */
  readonly repetitions: number;
  /** Serial first. */
  readonly runs: readonly RungRun[];
  /** Undefined if the serial run failed. */
  readonly baseline: Baseline | undefined;
}
