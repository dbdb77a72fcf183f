// The pool's only source of time, so that a test can hold it still.

import { clearImmediate, setImmediate } from "node:timers";

/** A callback that is to come. */
export interface Timer {
  cancel(): void;
  /** Whether it keeps the program alive. At first it does not. */
  hold(isHeld: boolean): void;
}

/** Tells the time and calls back later. */
export interface Clock {
  /** Milliseconds, never going backwards. */
  now(): number;
  /** Calls `callback` once, `ms` from now at the earliest, and after whatever had happened by then. */
  setTimer(ms: number, callback: () => void): Timer;
}

/** The longest delay that Node's timers take; a longer one would fire at once. A timer that rings too early is set again. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The system's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(ms, callback) {
    // After a pause of this thread its timers come before what workers have said meanwhile, which may be what was waited for.
    let last: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => (last = setImmediate(callback)), Math.min(Math.ceil(ms), LONGEST_DELAY)).unref();
    return {
      cancel: () => {
        clearTimeout(timer);
        clearImmediate(last);
      },
      hold: (isHeld) => void (isHeld ? timer.ref() : timer.unref()),
    };
  },
};
