// Decides when a loop over many tasks must let other code run. A worker of its own never needs to between tasks;
// workers in the caller's thread share the event loop with the caller.

import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers";
import { microtask } from "../contract/microtask.ts";

export interface Pace {
  /** Asked before each task. True: stop now; `resume` will be called. */
  givesWay(resume: () => void): boolean;
}

/** Milliseconds of tasks in one turn of the event loop. Smaller: more turns for tiny tasks. Larger: timers and abort signals come later. */
const TURN_MS = 10;

/** For all local workers of a thread together: one task per microtask, and a full turn of the event loop every 10 ms. */
export class SharedTurn {
  #startedAt = 0;
  /** Whether a turn has begun that `#endTurn` will end. */
  #isOpen = false;
  #waiting: (() => void)[] = [];
  readonly #endTurn = (): void => this.#startNext();

  /** Runs `resume` in a microtask, or after a turn of the event loop if this one has been used up. */
  continueWith(resume: () => void): void {
    if (!this.#isOpen) this.#open();
    else if (this.#waiting.length > 0 || performance.now() - this.#startedAt > TURN_MS) {
      this.#waiting.push(resume);
      return;
    }
    microtask(resume);
  }

  #open(): void {
    this.#isOpen = true;
    this.#startedAt = performance.now();
    // Ends the turn even if it was not used up: the event loop has come round by itself.
    setImmediate(this.#endTurn);
  }

  #startNext(): void {
    this.#isOpen = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) this.continueWith(resume);
  }
}

/** The pace of one local worker. */
export class LocalPace implements Pace {
  readonly #turn: SharedTurn;
  #resume: (() => void) | undefined;
  /** Whether `#resume` has just been called, so that the next task is let through. */
  #isMyTurn = false;
  /** Made once: a closure for each task would cost more than its microtask. */
  readonly #takeTurn = (): void => {
    this.#isMyTurn = true;
    this.#resume?.();
  };

  constructor(turn: SharedTurn) {
    this.#turn = turn;
  }

  givesWay(resume: () => void): boolean {
    if (this.#isMyTurn) {
      this.#isMyTurn = false;
      return false;
    }
    this.#resume = resume;
    this.#turn.continueWith(this.#takeTurn);
    return true;
  }
}
