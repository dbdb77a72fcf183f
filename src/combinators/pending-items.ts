// The items of a map that have not ended, in the order of the input. One that has ended stays until those before it
// have, too, or until there are too many such: to find it at once would take a table, which costs more than all else.

import type { MapItem } from "../contract/map-item.ts";
import { Fifo } from "./fifo.ts";

/** Ended items that are kept behind a pending one, beside as many as are pending. More: memory. Fewer: more copying. */
const MOST_ENDED = 1024;

export class PendingItems {
  readonly #items = new Fifo<MapItem>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(item: MapItem): void {
    this.#items.push(item);
    this.#count += 1;
  }

  /** One of them has. */
  ended(): void {
    this.#count -= 1;
    while (this.#items.peek()?.state !== "pending" && this.#items.length > 0) this.#items.shift();
    if (this.#items.length > 2 * this.#count + MOST_ENDED) this.#items.keep(({ state }) => state === "pending");
  }

  /** Takes out those behind a position, and gives those of them that are pending. */
  dropAfter(position: number): MapItem[] {
    const dropped = takeBehind(this.#items, position).filter(({ state }) => state === "pending");
    this.#count -= dropped.length;
    return dropped;
  }

  dropAll(): MapItem[] {
    return this.dropAfter(-1);
  }

  dropAllBut(kept: MapItem): MapItem[] {
    const dropped = this.dropAll();
    if (kept.state === "pending") this.add(kept);
    return dropped.filter((item) => item !== kept);
  }

  list(): MapItem[] {
    return [...this.#items].filter(({ state }) => state === "pending");
  }
}

/** Takes those behind a position out of items in the order of the input. */
export function takeBehind(items: Fifo<MapItem>, position: number): MapItem[] {
  const taken: MapItem[] = [];
  for (let last = items.peekLast(); last !== undefined && last.position > position; last = items.peekLast()) {
    items.pop();
    taken.push(last);
  }
  return taken.reverse();
}
