// Where the futures of a map are from being submitted until their results are handed out: three answers to "in which
// order". The map's run asks them; they decide nothing else.

import type { Future } from "../contract/future.ts";
import { Fifo } from "./fifo.ts";

type AnyFuture = Future<unknown>;

export interface ResultStore {
  /** Futures that count against the bound of the map. */
  readonly held: number;
  add(future: AnyFuture): void;
  settled(future: AnyFuture): void;
  /** Gives up those whose results come after this one's. */
  dropAfter(failed: AnyFuture): AnyFuture[];
  dropAll(): AnyFuture[];
  /** Those that have not settled, in the order of the input. */
  unsettled(): AnyFuture[];
}

/** A store whose futures are taken one by one, and kept no longer. */
export interface StreamStore extends ResultStore {
  /** The settled future whose turn it is. */
  take(): AnyFuture | undefined;
}

/** Hands out in the order of the input. */
export class InputOrder implements StreamStore {
  readonly #futures = new Fifo<AnyFuture>();

  get held(): number {
    return this.#futures.length;
  }

  add(future: AnyFuture): void {
    this.#futures.push(future);
  }

  settled(): void {}

  take(): AnyFuture | undefined {
    return this.#futures.peek()?.done() === true ? this.#futures.shift() : undefined;
  }

  dropAfter(failed: AnyFuture): AnyFuture[] {
    const dropped: AnyFuture[] = [];
    for (let last = this.#futures.pop(); last !== undefined && last !== failed; last = this.#futures.pop()) dropped.push(last);
    this.#futures.push(failed);
    return dropped;
  }

  dropAll(): AnyFuture[] {
    const dropped: AnyFuture[] = [];
    for (let first = this.#futures.shift(); first !== undefined; first = this.#futures.shift()) dropped.push(first);
    return dropped;
  }

  unsettled(): AnyFuture[] {
    return [...this.#futures].filter((future) => !future.done());
  }
}

/** Hands out in the order of finishing. */
export class FinishOrder implements StreamStore {
  readonly #unfinished = new Set<AnyFuture>();
  readonly #finished = new Fifo<AnyFuture>();

  get held(): number {
    return this.#unfinished.size + this.#finished.length;
  }

  add(future: AnyFuture): void {
    this.#unfinished.add(future);
  }

  settled(future: AnyFuture): void {
    this.#unfinished.delete(future);
    this.#finished.push(future);
  }

  take(): AnyFuture | undefined {
    return this.#finished.shift();
  }

  dropAfter(failed: AnyFuture): AnyFuture[] {
    this.#unfinished.delete(failed);
    return this.#dropUnfinished();
  }

  dropAll(): AnyFuture[] {
    const finished: AnyFuture[] = [];
    for (let first = this.#finished.shift(); first !== undefined; first = this.#finished.shift()) finished.push(first);
    return [...finished, ...this.#dropUnfinished()];
  }

  unsettled(): AnyFuture[] {
    return [...this.#unfinished];
  }

  #dropUnfinished(): AnyFuture[] {
    const dropped = this.unsettled();
    this.#unfinished.clear();
    return dropped;
  }
}

/** Collects results in an array, in the order of the input or of finishing. A future is let go as soon as it has settled. */
export class ResultArray implements ResultStore {
  results: unknown[] = [];
  readonly #positions = new Map<AnyFuture, number>();
  readonly #ordered: boolean;
  readonly #read: (future: AnyFuture) => unknown;

  /** `read` says what stands in the array for a settled future. */
  constructor(ordered: boolean, read: (future: AnyFuture) => unknown) {
    this.#ordered = ordered;
    this.#read = read;
  }

  get held(): number {
    return this.#positions.size;
  }

  add(future: AnyFuture): void {
    this.#positions.set(future, this.results.length);
    if (this.#ordered) this.results.push(undefined);
  }

  settled(future: AnyFuture): void {
    const position = this.#positions.get(future) as number;
    this.#positions.delete(future);
    if (this.#ordered) this.results[position] = this.#read(future);
    else this.results.push(this.#read(future));
  }

  dropAfter(failed: AnyFuture): AnyFuture[] {
    const position = this.#ordered ? (this.#positions.get(failed) as number) : -1;
    const dropped: AnyFuture[] = [];
    for (const [future, other] of this.#positions) if (other > position && future !== failed) dropped.push(future);
    for (const future of dropped) this.#positions.delete(future);
    return dropped;
  }

  dropAll(): AnyFuture[] {
    const dropped = this.unsettled();
    this.#positions.clear();
    return dropped;
  }

  unsettled(): AnyFuture[] {
    return [...this.#positions.keys()];
  }
}
