// The pool's only source of time, so that a test can hold it still.

/** Tells the time and calls back later. */
export interface Clock {
  /** Milliseconds, never going backwards. */
  now(): number;
  /** Calls `callback` once, `ms` from now at the earliest; the result cancels it. A timer alone never keeps the program alive. */
  setTimer(ms: number, callback: () => void): () => void;
}

/** The longest delay that Node's timers take; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The system's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(ms, callback) {
    // Work in progress is kept alive by its worker, and nothing else needs to be.
    const timer = setTimeout(callback, Math.min(ms, LONGEST_DELAY)).unref();
    return () => clearTimeout(timer);
  },
};
