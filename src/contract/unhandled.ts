// Failures that nobody has looked at. They are handed to the runtime as unhandled rejections, one turn of the event
// loop later, so that `const f = pool.submit(g); await other; await f` does not crash because g failed at once.

interface Unobserved {
  readonly error: unknown;
  readonly isObserved: (() => boolean) | undefined;
}

let waiting: Unobserved[] = [];

/** Reports `error` as an unhandled rejection after this turn, unless `isObserved` says by then that someone saw it. */
export function reportUnhandled(error: unknown, isObserved?: () => boolean): void {
  // One timer for all failures of a turn: a map of a million failing items makes one, not a million.
  if (waiting.length === 0) setTimeout(reportWaiting, 0);
  waiting.push({ error, isObserved });
}

function reportWaiting(): void {
  const due = waiting;
  waiting = [];
  for (const { error, isObserved } of due) {
    if (isObserved?.() !== true) void Promise.reject(error);
  }
}
