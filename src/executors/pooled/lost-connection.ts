// What becomes of a worker that can no longer be spoken to: a task of it has closed what it and its pool speak by. It may
// live on, and whoever waits for it would do so in vain.

import { clearTimeout, setImmediate, setTimeout } from "node:timers";

/** Milliseconds that a worker whose connection has ended has to end, as its connection ends with it. Smaller: a thread with a large heap is still being torn down, and how it ended is not known. */
const END_LIMIT_MS = 2000;

export const CONNECTION_CLOSED = "a task has closed the worker's connection to its pool";

/** Calls back if the worker has not ended in time; returns what stops that. Keeps no program alive: whoever waits for the worker does. */
export function whenItLivesOn(callback: () => void): () => void {
  const timer = setTimeout(() => afterPendingEvents(callback), END_LIMIT_MS).unref();
  return () => clearTimeout(timer);
}

/** If this thread was busy, a time limit passes before events that are already there are seen: they go first. */
export function afterPendingEvents(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}
