// The futures that `wait` and `asCompleted` were given, each once, and nothing but futures.

import { shown } from "../contract/check-options.ts";
import { Future } from "../contract/future.ts";

/** Reads `futures`, each with its first position. `subject` begins the message if it holds anything else. */
export function futuresByPosition<F extends Future<unknown>>(futures: Iterable<F>, subject: string): Map<F, number> {
  if (typeof (futures as Partial<Iterable<F>> | null | undefined)?.[Symbol.iterator] !== "function") {
    throw new TypeError(`${subject}: expected an iterable of futures, got ${shown(futures)}`);
  }
  const positions = new Map<F, number>();
  let index = 0;
  for (const future of futures) {
    if (!(future instanceof Future)) throw new TypeError(`${subject}: expected futures, as submit() gives them, got ${shown(future)} at index ${index}`);
    if (!positions.has(future)) positions.set(future, index);
    index += 1;
  }
  return positions;
}
