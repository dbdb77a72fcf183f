// What is known of how long each function's tasks run. Batches are sized by it, so it must follow a function whose
// run time changes, and not swing with every odd task.

/** Weight of the newest run. Larger: batches swing with single tasks. Smaller: a change is noticed late. */
const NEWEST_WEIGHT = 0.2;
/** A run this many times longer or shorter than the mean is odd. */
const ODD_FACTOR = 4;
/** So many runs one after another that are odd as they are long mean that the function takes longer now. Fewer: one slow moment is taken for it. */
const ODD_LONG_RUNS = 3;
/**
 * The same for short ones. More, as the mean falls quickly by itself, and of run times that vary much a quarter is
 * short: taken for a change, a few of them would make huge batches.
 */
const ODD_SHORT_RUNS = 8;
/** What remains of `longest` after each run: about 300 short runs make one long run forgotten. */
const LONGEST_DECAY = 0.99;
/** Runs below this are equal to us: a clock's grain and the cost of a call, in milliseconds. */
const GRAIN_MS = 0.02;
/** Functions known by a plain key at most. More: memory of functions that will not come back. Fewer: their tasks go one at a time again. */
const KNOWN_KEYS = 1_000;

/** The run time of one function. */
export class RunTime {
  /** Milliseconds; `undefined` until a task has ended. */
  mean: number | undefined = undefined;
  /** What a run may take, in milliseconds: the longest one lately. Without bound until a task has ended. */
  longest: number = Infinity;
  /** How many of the latest runs were odd: above 0 if longer, below if shorter. */
  #oddRuns = 0;

  observe(ms: number): void {
    if (this.mean === undefined) {
      this.mean = ms;
      this.longest = ms;
      return;
    }
    this.longest = Math.max(ms, this.longest * LONGEST_DECAY);
    this.#countOdd(ms, this.mean);
    const hasChanged = this.#oddRuns >= ODD_LONG_RUNS || this.#oddRuns <= -ODD_SHORT_RUNS;
    this.mean = hasChanged ? ms : this.mean + NEWEST_WEIGHT * (ms - this.mean);
  }

  #countOdd(ms: number, mean: number): void {
    if (ms > ODD_FACTOR * Math.max(mean, GRAIN_MS)) this.#oddRuns = Math.max(0, this.#oddRuns) + 1;
    else if (Math.max(ms, GRAIN_MS) * ODD_FACTOR < mean) this.#oddRuns = Math.min(0, this.#oddRuns) - 1;
    else this.#oddRuns = 0;
  }
}

/** The run times of all functions of a pool, by the key that functions of one source location share. */
export class RunTimes {
  readonly #byKey = new Map<string | number, RunTime>();
  /** Keys that are objects keep nothing alive. */
  readonly #byObject = new WeakMap<object, RunTime>();

  of(key: string | number | object): RunTime {
    if (typeof key === "object" || typeof key === "function") return this.#ofObject(key);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.#byKey.size >= KNOWN_KEYS) this.#forgetOldest();
    const added = new RunTime();
    this.#byKey.set(key, added);
    return added;
  }

  #ofObject(key: object): RunTime {
    let known = this.#byObject.get(key);
    if (known === undefined) this.#byObject.set(key, (known = new RunTime()));
    return known;
  }

  #forgetOldest(): void {
    for (const key of this.#byKey.keys()) {
      this.#byKey.delete(key);
      return;
    }
  }
}
