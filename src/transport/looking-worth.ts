// Decides whether looking pays. It does not where the other side has no processor to run on while this one looks: then
// each look only puts the answer off. Nor where answers take longer than it takes to wake a sleeping thread. So whoever
// has looked in vain passes over the next chance, then the next two, four and so on, until looking pays again.

/** Of the time that is spent on each message, in milliseconds, that may be looking in vain, in the long run. Smaller: longer until it is tried again. */
const VAIN_MS = 0.001;

/** Chances passed over at most, at least. */
const LEAST_MOST = 64;

export class LookingWorth {
  readonly #most: number;
  /** Chances passed over after the latest failure. */
  #penalty = 0;
  /** Of these, how many are still to come. */
  #left = 0;

  /** `spinMs`: what a look in vain costs. */
  constructor(spinMs: number) {
    this.#most = Math.max(LEAST_MOST, Math.min(Math.ceil(spinMs / VAIN_MS), 2 ** 30));
  }

  /** Asked at each chance to look. */
  takeChance(): boolean {
    if (this.#left === 0) return true;
    this.#left -= 1;
    return false;
  }

  /** Whether the next chance will be passed over. */
  get isDoubtful(): boolean {
    return this.#left > 0;
  }

  hasPaid(): void {
    this.#penalty = 0;
  }

  wasInVain(): void {
    this.#penalty = Math.min(Math.max(1, 2 * this.#penalty), this.#most);
    this.#left = this.#penalty;
  }
}
