// Everything that must happen at a time, in one heap, so that a pool needs one timer however many limits it watches.

import { Heap } from "./heap.ts";

/** Something to look at when its time comes. Set and silenced as often as wanted. */
export class Alarm {
  position = -1;
  /** In milliseconds of the pool's clock. */
  at: number = Infinity;
  /** Of two alarms for the same time the one that was set first rings first. */
  order = 0;
  readonly ring: () => void;

  constructor(ring: () => void) {
    this.ring = ring;
  }

  get isSet(): boolean {
    return this.position >= 0;
  }
}

export class Alarms {
  readonly #heap = new Heap<Alarm>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
  #order = 0;

  /** When the next alarm is due; `Infinity` if none is set. */
  get next(): number {
    return this.#heap.first?.at ?? Infinity;
  }

  get length(): number {
    return this.#heap.length;
  }

  set(alarm: Alarm, at: number): void {
    this.#heap.remove(alarm);
    if (at === Infinity) return;
    alarm.at = at;
    alarm.order = this.#order++;
    this.#heap.add(alarm);
  }

  silence(alarm: Alarm): void {
    this.#heap.remove(alarm);
  }

  /** Rings what is due. An alarm may set itself again for later. */
  ringDue(now: number): void {
    for (let alarm = this.#heap.first; alarm !== undefined && alarm.at <= now; alarm = this.#heap.first) {
      this.#heap.remove(alarm);
      alarm.ring();
    }
  }
}
