// One item of a map on its way: what a map has in place of a future, which costs more than many a task.

export interface MapItem {
  /** Which of its map's items it is, from 0. */
  readonly position: number;
  readonly state: "pending" | "done" | "failed" | "cancelled";
  /** The result, or the error or reason; `undefined` while it is pending. */
  readonly outcome: unknown;
  /** Its map is told nothing more of it. */
  forget(): void;
}

/** Called with an item when it has ended. Must not throw. */
export type ItemListener = (item: MapItem) => void;

/** An item that ended before it became a task. */
export class EndedItem implements MapItem {
  readonly position: number;
  readonly state: "failed" | "cancelled";
  readonly outcome: unknown;

  constructor(position: number, state: "failed" | "cancelled", outcome: unknown) {
    this.position = position;
    this.state = state;
    this.outcome = outcome;
  }

  forget(): void {}
}
