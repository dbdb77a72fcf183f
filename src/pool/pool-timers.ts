// The timers of one pool: one for everything that policy watches, one for telling idle workers what to forget.

import type { Clock, Timer } from "./clock.ts";

export class PoolTimers {
  readonly #clock: Clock;
  #alarm: Timer | undefined;
  #forgetting: Timer | undefined;
  #isHeld = false;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back at that time instead of at the one set before. */
  setAlarm(at: number, callback: () => void): void {
    this.#alarm?.cancel();
    this.#alarm = this.#clock.setTimer(Math.max(0, at - this.#clock.now()), callback);
    if (this.#isHeld) this.#alarm.hold(true);
  }

  /** Whether the program must wait for the alarm, as perhaps nothing else is left to wait for. */
  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#alarm?.hold(isHeld);
  }

  /** Calls back once some time after the first of several calls. */
  setForgetting(ms: number, callback: () => void): void {
    if (this.#forgetting !== undefined || this.#isClosed) return;
    this.#forgetting = this.#clock.setTimer(ms, () => {
      this.#forgetting = undefined;
      callback();
    });
  }

  clear(): void {
    this.#isClosed = true;
    this.#alarm?.cancel();
    this.#forgetting?.cancel();
    this.#alarm = undefined;
    this.#forgetting = undefined;
  }
}
