// Decides for how long a side looks at shared memory instead of waiting for an event, and how the rest of its thread gets
// its turns meanwhile. Used by a worker that has nothing to do, and by a pool that waits for replies.
//
// It looks in rounds of a fraction of a microsecond, each in a microtask of its own, so that other microtasks run in
// between; and after a millisecond, whatever arrives, it lets the event loop come round: timers, sockets, and messages
// that come by another way.

import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers";
import { microtask } from "../contract/microtask.ts";
import { lookingBegins, lookingEnds, turnIsOver } from "../contract/turn.ts";
import { LookingWorth } from "./looking-worth.ts";
import type { Lookable } from "./ring-channel.ts";

/** Milliseconds until the event loop gets a turn. Smaller: more of its turns, each of which costs some microseconds. Larger: timers come later. */
const TURN_MS = 1;

/** Looks in a round. More: other microtasks wait longer. Fewer: the microtask costs more than the looks. */
const LOOKS = 40;

/** Rounds between two readings of the clock, which costs as much as half a round. More: tasks that are found and run meanwhile delay the event loop. */
const ROUNDS = 4;

/** Rounds after which what arrives might as well have been waited for: about 0.1 ms, some times what it takes to wake a sleeping thread. */
const LATE_ROUNDS = 256;

/** What is taken from the world around, so that a test can hold it still. */
export interface LookoutSurroundings {
  now(): number;
  microtask(callback: () => void): void;
  /** Runs a callback once the event loop has come round. */
  nextTurn(callback: () => void): void;
}

/** Why it looks. */
export interface Reasons {
  /** Whether there is any. */
  isWanted(): boolean;
  /** It no longer looks, until the next wish. */
  closed?(): void;
}

const SURROUNDINGS: LookoutSurroundings = {
  now: () => performance.now(),
  microtask,
  nextTurn: setImmediate,
};

export class Lookout {
  readonly #spinMs: number;
  readonly #reasons: Reasons;
  readonly #surroundings: LookoutSurroundings;
  readonly #watched: Lookable[] = [];
  readonly #worth = new LookingWorth();
  /** Whether the other sides are told that this one looks, and a turn of the event loop is awaited that may end it. */
  #isOpen = false;
  #isRoundDue = false;
  /** Since when nothing has arrived. */
  #since = 0;
  /** When the event loop is to have its turn. */
  #turnEnds = 0;
  /** Whether it is to have it now. */
  #isTurnOver = false;
  /** Since the clock was last read. */
  #rounds = 0;
  /** Since the last message or wish. */
  #vainRounds = 0;
  /** Whether something has arrived, or was wished for, since then: the time begins anew. */
  #isRenewed = false;

  /** `spinMs`: for how long after the last message or wish. */
  constructor(spinMs: number, reasons: Reasons, surroundings: LookoutSurroundings = SURROUNDINGS) {
    this.#spinMs = spinMs;
    this.#reasons = reasons;
    this.#surroundings = surroundings;
  }

  /** Whether the event loop has its turn before anything else happens that this does not find. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  add(lookable: Lookable): void {
    this.#watched.push(lookable);
    if (this.#isOpen) lookable.setLooking(true);
  }

  remove(lookable: Lookable): void {
    const index = this.#watched.indexOf(lookable);
    if (index >= 0) this.#watched.splice(index, 1);
  }

  /** Something may arrive soon: tells the other sides, and begins to look in the next microtask. */
  watch(): void {
    if (this.#spinMs <= 0) return;
    if (!this.#isOpen && !this.#open(this.#surroundings.now())) return;
    this.#isRenewed = true;
    this.#vainRounds = 0;
    // However fast messages come: the event loop must have its turn.
    if (!this.#isTurnOver) this.#continue();
  }

  /** False: it is not worth it. */
  #open(now: number): boolean {
    if (!this.#worth.isWorthIt(now)) return false;
    this.#isOpen = true;
    lookingBegins();
    this.#startTurn(now);
    for (const lookable of this.#watched) lookable.setLooking(true);
    return true;
  }

  #startTurn(now: number): void {
    this.#turnEnds = now + TURN_MS;
    this.#isTurnOver = false;
    this.#rounds = 0;
    this.#surroundings.nextTurn(this.#endTurn);
  }

  #continue(): void {
    if (this.#isRoundDue) return;
    this.#isRoundDue = true;
    this.#surroundings.microtask(this.#round);
  }

  readonly #round = (): void => {
    this.#isRoundDue = false;
    if (!this.#isOpen || !this.#reasons.isWanted()) return;
    const vainRounds = this.#vainRounds;
    if (this.#lookForAWhile()) this.#found(vainRounds);
    else this.#vainRounds += 1;
    this.#rounds += 1;
    if (this.#rounds >= ROUNDS && !this.#hasTime()) return;
    // With what was found there may be nothing left to look for: the next wish goes on.
    if (this.#reasons.isWanted()) this.#continue();
  };

  /** `vainRounds`: before it was found. What it was may have led to new wishes since. */
  #found(vainRounds: number): void {
    if (vainRounds < LATE_ROUNDS) this.#worth.hasPaid();
    else this.#giveUp(this.#surroundings.now());
    this.#isRenewed = true;
    this.#vainRounds = 0;
  }

  /** It was in vain: no more looking once the event loop has come round. */
  #giveUp(now: number): void {
    this.#worth.wasInVain(now, now - this.#since);
    this.#isTurnOver = true;
  }

  #hasTime(): boolean {
    const now = this.#surroundings.now();
    this.#rounds = 0;
    if (now >= this.#turnEnds) this.#isTurnOver = true;
    if (this.#isOver(now)) this.#giveUp(now);
    return !this.#isTurnOver;
  }

  /** Whether it has looked for long enough. */
  #isOver(now: number): boolean {
    if (this.#isRenewed) this.#since = now;
    this.#isRenewed = false;
    return now - this.#since >= this.#spinMs;
  }

  #lookForAWhile(): boolean {
    for (let look = 0; look < LOOKS; look += 1) if (this.#lookAtAll()) return true;
    return false;
  }

  #lookAtAll(): boolean {
    let hasArrived = false;
    for (const lookable of this.#watched) if (lookable.look()) hasArrived = true;
    return hasArrived;
  }

  /** The event loop has come round. */
  readonly #endTurn = (): void => {
    turnIsOver();
    const vainRounds = this.#vainRounds;
    try {
      if (this.#lookAtAll()) this.#found(vainRounds);
    } finally {
      // Also if whoever was told of a message has thrown: the others must not count on being seen.
      this.#closeOrGoOn();
    }
  };

  #closeOrGoOn(): void {
    const now = this.#surroundings.now();
    if (this.#isOver(now) || !this.#worth.isWorthIt(now) || !this.#reasons.isWanted()) return this.#close();
    this.#startTurn(now);
    this.#continue();
  }

  #close(): void {
    this.#isOpen = false;
    lookingEnds();
    for (const lookable of this.#watched) {
      lookable.setLooking(false);
      // What was found by looking once more has opened it again.
      if (this.#isOpen) return;
    }
    this.#reasons.closed?.();
  }
}
