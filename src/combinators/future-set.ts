// The futures that `wait` and `asCompleted` were given, each once, and nothing but futures.

import { shown } from "../contract/check-options.ts";
import { Future } from "../contract/future.ts";

/** Reads `futures`, duplicates counting once. `subject` begins the message if it holds anything else. */
export function futureSet<F extends Future<any>>(futures: Iterable<F>, subject: string): Set<F> {
  if (typeof (futures as Partial<Iterable<F>> | null | undefined)?.[Symbol.iterator] !== "function") {
    throw new TypeError(`${subject}: expected an iterable of futures, got ${shown(futures)}`);
  }
  const set = new Set<F>();
  let index = 0;
  for (const future of futures) {
    if (!(future instanceof Future)) throw new TypeError(`${subject}: expected futures, as submit() gives them, got ${shown(future)} at index ${index}`);
    set.add(future);
    index += 1;
  }
  return set;
}
