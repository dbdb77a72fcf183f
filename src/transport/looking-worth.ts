// Decides whether looking pays. It does not where the other side has no processor to run on while this one looks: then
// each look only puts the answer off. Nor where answers take longer than it takes to wake a sleeping thread. So whoever
// has looked in vain pauses for as long, then for twice, four times as long and so on, until looking pays again.

/** Times that a pause may be as long as a look in vain. Smaller: more time is spent in vain. Larger: longer until it is tried again where it would pay. */
const LONGEST_PAUSE = 20;

export class LookingWorth {
  /** After the latest look in vain, in milliseconds; 0 if one has paid since. */
  #pauseMs = 0;
  #pausesUntil = -Infinity;

  /** Whether it is worth a try. */
  isWorthIt(now: number): boolean {
    return now >= this.#pausesUntil;
  }

  hasPaid(): void {
    this.#pauseMs = 0;
  }

  /** `lookedMs`: for how many milliseconds. */
  wasInVain(now: number, lookedMs: number): void {
    this.#pauseMs = Math.min(Math.max(lookedMs, 2 * this.#pauseMs), LONGEST_PAUSE * lookedMs);
    this.#pausesUntil = now + this.#pauseMs;
  }
}
