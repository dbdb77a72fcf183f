// Where the items of a map are from being started until their results are handed out: three answers to "in which
// order". The map's run asks them; they decide nothing else.

import type { MapItem } from "../contract/map-item.ts";
import { Fifo } from "./fifo.ts";
import { PendingItems, takeBehind } from "./pending-items.ts";

export interface ResultStore {
  /** Items that count against the bound of the map. */
  readonly held: number;
  add(item: MapItem): void;
  ended(item: MapItem): void;
  /** Gives up those whose results come after this one's. */
  dropAfter(failed: MapItem): MapItem[];
  dropAll(): MapItem[];
  /** Those that have not ended, in the order of the input. */
  pending(): MapItem[];
}

/** A store whose items are taken one by one, and kept no longer. */
export interface StreamStore extends ResultStore {
  /** The item whose turn it is, if it has ended. */
  take(): MapItem | undefined;
}

/** Hands out in the order of the input. */
export class InputOrder implements StreamStore {
  readonly #items = new Fifo<MapItem>();

  get held(): number {
    return this.#items.length;
  }

  add(item: MapItem): void {
    this.#items.push(item);
  }

  ended(): void {}

  take(): MapItem | undefined {
    return this.#items.peek()?.state === "pending" ? undefined : this.#items.shift();
  }

  dropAfter({ position }: MapItem): MapItem[] {
    return takeBehind(this.#items, position);
  }

  dropAll(): MapItem[] {
    const dropped = [...this.#items];
    this.#items.clear();
    return dropped;
  }

  pending(): MapItem[] {
    return [...this.#items].filter(({ state }) => state === "pending");
  }
}

/** Hands out in the order of ending. */
export class FinishOrder implements StreamStore {
  readonly #pending = new PendingItems();
  readonly #ended = new Fifo<MapItem>();

  get held(): number {
    return this.#pending.count + this.#ended.length;
  }

  add(item: MapItem): void {
    this.#pending.add(item);
  }

  ended(item: MapItem): void {
    this.#pending.ended();
    this.#ended.push(item);
  }

  take(): MapItem | undefined {
    return this.#ended.shift();
  }

  dropAfter(failed: MapItem): MapItem[] {
    return this.#pending.dropAllBut(failed);
  }

  dropAll(): MapItem[] {
    const ended = [...this.#ended];
    this.#ended.clear();
    return [...ended, ...this.#pending.dropAll()];
  }

  pending(): MapItem[] {
    return this.#pending.list();
  }
}

/** Collects results in an array, in the order of the input or of ending. */
export class ResultArray implements ResultStore {
  results: unknown[] = [];
  readonly #pending = new PendingItems();
  readonly #ordered: boolean;
  readonly #read: (item: MapItem) => unknown;

  /** `read` says what stands in the array for an item that has ended. */
  constructor(ordered: boolean, read: (item: MapItem) => unknown) {
    this.#ordered = ordered;
    this.#read = read;
  }

  get held(): number {
    return this.#pending.count;
  }

  add(item: MapItem): void {
    this.#pending.add(item);
    if (this.#ordered) this.results.push(undefined);
  }

  ended(item: MapItem): void {
    this.#pending.ended();
    if (this.#ordered) this.results[item.position] = this.#read(item);
    else this.results.push(this.#read(item));
  }

  dropAfter(failed: MapItem): MapItem[] {
    return this.#ordered ? this.#pending.dropAfter(failed.position) : this.#pending.dropAllBut(failed);
  }

  dropAll(): MapItem[] {
    return this.#pending.dropAll();
  }

  pending(): MapItem[] {
    return this.#pending.list();
  }
}
