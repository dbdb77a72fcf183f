// The items under way, from being submitted until their result is written, in the order in which they are to be written.

import type { Entry } from "./entry.ts";

/** Taken ones are let go of once there are so many. Fewer: more copying. */
const MOST_TAKEN = 1024;

export class Turns {
  readonly #ordered: boolean;
  /** In the order of the input. Those before `#head` have been taken. */
  #queue: Entry[] = [];
  #head = 0;
  /** Without order: the ended ones, as they end; `#queue` then holds none that has. */
  #ended: Entry[] = [];
  readonly #running = new Set<Entry>();

  constructor(ordered: boolean) {
    this.#ordered = ordered;
  }

  get held(): number {
    return this.#ordered ? this.#queue.length - this.#head : this.#running.size + this.#ended.length - this.#head;
  }

  add(entry: Entry): void {
    if (this.#ordered) this.#queue.push(entry);
    else this.#running.add(entry);
  }

  ended(entry: Entry): void {
    if (!this.#ordered && this.#running.delete(entry)) this.#ended.push(entry);
  }

  /** The next one, if it has ended. It stays. */
  peek(): Entry | undefined {
    if (!this.#ordered) return this.#ended[this.#head];
    const entry = this.#queue[this.#head];
    return entry?.outcome === undefined ? undefined : entry;
  }

  /** The one that `peek` gave goes. */
  take(): void {
    this.#head += 1;
    if (this.#ordered) this.#queue = this.#withoutTaken(this.#queue);
    else this.#ended = this.#withoutTaken(this.#ended);
  }

  /** Gives up those after `entry`: in order, those behind it; otherwise all that run. */
  dropAfter(entry: Entry): Entry[] {
    return this.#ordered ? this.#dropFrom(this.#queue.indexOf(entry, this.#head) + 1) : this.#dropRunning();
  }

  /** Gives up what has not ended, and in order what is behind that. */
  dropUnfinished(): Entry[] {
    if (!this.#ordered) return this.#dropRunning();
    const first = this.#queue.findIndex((entry, at) => at >= this.#head && entry.outcome === undefined);
    return first === -1 ? [] : this.#dropFrom(first);
  }

  /** Gives up those at the end for which `withdraw` says that they will not run. */
  dropLast(withdraw: (entry: Entry) => boolean): void {
    if (!this.#ordered) {
      for (const entry of this.#running) if (withdraw(entry)) this.#running.delete(entry);
      return;
    }
    while (this.#queue.length > this.#head && withdraw(this.#queue.at(-1) as Entry)) this.#queue.pop();
  }

  #withoutTaken(entries: Entry[]): Entry[] {
    if (this.#head < MOST_TAKEN && this.#head < entries.length) return entries;
    const left = entries.slice(this.#head);
    this.#head = 0;
    return left;
  }

  #dropFrom(at: number): Entry[] {
    return this.#queue.splice(at);
  }

  #dropRunning(): Entry[] {
    const dropped = [...this.#running];
    this.#running.clear();
    return dropped;
  }
}
