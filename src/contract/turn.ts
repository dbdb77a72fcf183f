// When a turn is over, for what is worked out once in a turn. Usually that is when what runs now is over. While a pool
// looks for replies instead of waiting for events, tasks come and go without that the event loop comes round: the turn then
// lasts until it does.

import { microtask } from "./microtask.ts";

/** How many look now. */
let looking = 0;
let waiting: (() => void)[] = [];

/** Calls back once. The callback must not throw. */
export function atEndOfTurn(callback: () => void): void {
  if (looking === 0) microtask(callback);
  else waiting.push(callback);
}

/** From now on the turn lasts until `turnIsOver`. */
export function lookingBegins(): void {
  looking += 1;
}

export function lookingEnds(): void {
  looking -= 1;
  turnIsOver();
}

/** The event loop has come round. */
export function turnIsOver(): void {
  if (waiting.length === 0) return;
  const due = waiting;
  waiting = [];
  for (const callback of due) callback();
}
