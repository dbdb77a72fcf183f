// Reads the input of a map, one item at a time, from a sync or an async iterable, and closes it once if it has not ended.

import { shown } from "../contract/check-options.ts";

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** Whether there is an item; later, if the input is async. */
export type Reading = boolean | Promise<boolean>;

export class ItemReader {
  /** The item last read. */
  item: unknown = undefined;
  /** Whether all its items can be had without waiting for anything. */
  readonly isSync: boolean;
  readonly #items: Iterable<unknown> | AsyncIterable<unknown>;
  #iterator: AnyIterator | undefined;
  #ended = false;
  #isReading = false;

  /** `subject` begins the message if `items` cannot be iterated over. */
  constructor(items: Iterable<unknown> | AsyncIterable<unknown>, subject: string) {
    const methods = items as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
    const isAsync = typeof methods?.[Symbol.asyncIterator] === "function";
    if (!isAsync && typeof methods?.[Symbol.iterator] !== "function") {
      throw new TypeError(`${subject}: expected items that can be iterated over, got ${shown(items)}`);
    }
    this.#items = items;
    this.isSync = !isAsync;
  }

  /** Reads the next item into `item`. Throws, or rejects with, what the input throws; it has then ended. */
  read(): Reading {
    try {
      // Opened by the first read, so that an input that cannot be opened fails where its first item would.
      this.#iterator ??= this.#open();
      const step = this.#iterator.next();
      return this.isSync ? this.#take(step as IteratorResult<unknown>) : this.#takeLater(step as Promise<IteratorResult<unknown>>);
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }

  /** Lets the input clean up. Waits for that, unless a read is under way that may never end. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const closed = this.#iterator?.return?.();
    if (!this.#isReading) await closed;
    else Promise.resolve(closed).catch(() => {});
  }

  #open(): AnyIterator {
    return this.isSync ? (this.#items as Iterable<unknown>)[Symbol.iterator]() : (this.#items as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  }

  #take(step: IteratorResult<unknown>): boolean {
    if (typeof step !== "object" || step === null) throw new TypeError(`Cannot read the items: their iterator gave ${shown(step)} instead of an object`);
    if (step.done === true) this.#ended = true;
    else this.item = step.value;
    return step.done !== true;
  }

  async #takeLater(step: Promise<IteratorResult<unknown>>): Promise<boolean> {
    this.#isReading = true;
    try {
      return this.#take(await step);
    } catch (error) {
      this.#ended = true;
      throw error;
    } finally {
      this.#isReading = false;
    }
  }
}
