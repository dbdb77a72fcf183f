// The results of a map one by one, as fast as they are asked for: an async iterator that is not thenable.

import { Fifo } from "./fifo.ts";
import type { MapRun, Step } from "./map-run.ts";

interface Waiting<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

export class MapStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #run: MapRun;
  /** Calls of `next` that no result has answered yet. */
  readonly #waiting = new Fifo<Waiting<T>>();
  #isAnswering = false;

  constructor(run: MapRun) {
    this.#run = run;
    run.startStream(() => this.#answer());
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const step = this.#waiting.length === 0 ? this.#run.step() : undefined;
    if (step === undefined) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    return step.ok ? Promise.resolve(step.result as IteratorResult<T, undefined>) : Promise.reject(step.error);
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const closed = this.#run.close();
    this.#answer();
    await closed;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #answer(): void {
    // Taking a result reads and submits the next item, and that one may settle at once and call this again: it would
    // be given to whoever the earlier result is meant for.
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    while (this.#waiting.length > 0) {
      const step = this.#run.step();
      if (step === undefined) break;
      give(step, this.#waiting.shift() as Waiting<T>);
    }
    this.#isAnswering = false;
  }
}

function give<T>(step: Step, waiting: Waiting<T>): void {
  if (step.ok) waiting.resolve(step.result as IteratorResult<T, undefined>);
  else waiting.reject(step.error);
}
