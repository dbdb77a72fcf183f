// Decides when a worker may be started again after one came to nothing: each time later, and not for ever.

/** The first pause, in milliseconds; each further one is twice as long. Shorter: a crash loop burns a core. Longer: a passing lack of memory costs more. */
const FIRST_PAUSE_MS = 50;
/** Failures in a row after which starting is given up. */
const MOST_FAILURES = 5;
/** The same for workers that end while the pool's initializer runs: it is as much to blame as a task that takes down three workers. */
const MOST_INITIALIZER_FAILURES = 3;

export class Restarts {
  #failures = 0;
  #lastFailureAt = -Infinity;
  /** No worker is started before this time. */
  notBefore: number = -Infinity;

  /** `isOfInitializer`: whether the last one is likely to have failed because of it. */
  isHopeless(isOfInitializer: boolean): boolean {
    return this.#failures >= (isOfInitializer ? MOST_INITIALIZER_FAILURES : MOST_FAILURES);
  }

  /** A worker ended without having begun a task. Workers that were started together fail together: that counts once. */
  failed(startedAt: number, now: number): void {
    if (startedAt <= this.#lastFailureAt && this.#failures > 0) return;
    this.#failures = Math.min(this.#failures + 1, MOST_FAILURES);
    this.#lastFailureAt = now;
    this.notBefore = now + FIRST_PAUSE_MS * 2 ** (this.#failures - 1);
  }

  /** A worker has done a task. */
  succeeded(): void {
    this.#failures = 0;
    this.notBefore = -Infinity;
  }
}
