// What a pool does while code of its user submits tasks for so long that workers would have nothing to do before it ends: it
// takes in what they have to say, for which that code does not have to end. Whoever waits for outcomes is told when it has.

import type { Lookable } from "../transport/ring-channel.ts";

/** Tasks. Fewer: more messages for tiny tasks. More: workers are idle until there are so many. */
const MANY_TASKS = 512;
/** Milliseconds. Shorter: tasks that were submitted together travel apart. Longer: workers are idle meanwhile. */
const LONG_MS = 5;

/** A worker whose messages may be found without waiting for an event. */
export interface HeardWorker {
  readonly ring: Lookable | undefined;
  /** A message of outcomes has been dealt with. */
  noteTaken(): void;
}

export class LongTurn {
  readonly #workers: ReadonlyMap<number, HeardWorker>;
  /** Submitted since workers were last heard. */
  #tasks = 0;
  /** When that was, or when the turn's first task was submitted. Undefined between turns. */
  #since: number | undefined;
  #isLong = false;
  #isHearing = false;
  /** Those whose outcomes have been taken in and not been told, once for each message. */
  #untold: HeardWorker[] = [];

  constructor(workers: ReadonlyMap<number, HeardWorker>) {
    this.#workers = workers;
  }

  /** Whether what arrives now arrives while the user's code goes on. */
  get isHearing(): boolean {
    return this.#isHearing;
  }

  /** A task has been submitted at `now`. Returns whether it is time to hear workers. */
  noteTask(now: number): boolean {
    this.#since ??= now;
    this.#tasks += 1;
    if (this.#tasks < MANY_TASKS && now - this.#since < LONG_MS) return false;
    this.#since = now;
    this.#tasks = 0;
    return true;
  }

  hear(): void {
    this.#isLong = true;
    this.#hearAll((ring) => {
      // They need not wake this thread, which hears them.
      ring.setBusy(true);
      ring.deliverArrived();
    });
  }

  /** The user's code has ended. */
  end(): void {
    this.#since = undefined;
    this.#tasks = 0;
    if (!this.#isLong) return;
    this.#isLong = false;
    this.#hearAll((ring) => ring.setBusy(false));
  }

  /** A message of outcomes has been taken in: what large ones lie in must stay until they have been told. */
  take(worker: HeardWorker): void {
    if (this.#isHearing) this.#untold.push(worker);
    else worker.noteTaken();
  }

  /** All outcomes have been told. */
  told(): void {
    if (this.#untold.length === 0) return;
    const told = this.#untold;
    this.#untold = [];
    for (const worker of told) worker.noteTaken();
  }

  #hearAll(hear: (ring: Lookable) => void): void {
    this.#isHearing = true;
    try {
      for (const { ring } of this.#workers.values()) if (ring !== undefined) hear(ring);
    } finally {
      this.#isHearing = false;
    }
  }
}
