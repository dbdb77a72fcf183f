// What `advise` takes and gives. Types only.

/** A rung that can be advised. */
export type AdvisedRung = "serial" | "async" | "threads" | "processes";

/** What `advise` takes beside the function and the sample. */
export interface AdviseOptions {
  /** How many items there will be. Whole, 1 or more. Default: as many as the sample has. */
  readonly items?: number | undefined;
  /** Workers of threads and processes. Whole, 1 or more. Default: as their executors choose. */
  readonly maxWorkers?: number | undefined;
  /** Which rungs to consider; serial always is. Default: all. */
  readonly rungs?: readonly AdvisedRung[] | undefined;
}

/** What a rung is expected to take, or why the function cannot run there. Times in seconds. */
export type RungPrediction =
  | {
      /** Which. */
      readonly rung: AdvisedRung;
      /** Starting its workers, once per executor. */
      readonly startSeconds: number;
      /** All items, once they have started. */
      readonly seconds: number;
    }
  | {
      /** Which. */
      readonly rung: AdvisedRung;
      /** The error's name and message. */
      readonly error: string;
    };

/** What `advise` gives. */
export interface Advice {
  /** The rung that pays for running these items once; the simplest of those that are equally fast. */
  readonly rung: AdvisedRung;
  /** Why, in a paragraph: what was measured, what follows, and from how many items on another rung would pay. */
  readonly reason: string;
  /** Serial first. */
  readonly predictions: readonly RungPrediction[];
  /** Computing against bytes moved. */
  readonly leverage: {
    /** What one call computes. */
    readonly computeSecondsPerItem: number;
    /** An item and its result, as structured clone writes them. */
    readonly bytesPerItem: number;
  };
}
