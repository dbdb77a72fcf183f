// Waits for several futures at once, of any executors. Never cancels anything.

import { type Future, settler } from "../contract/future.ts";
import type { WaitOptions } from "../contract/options.ts";
import { waitOptions } from "../contract/task-option-checks.ts";
import { startTimer } from "../contract/timer.ts";
import { futuresByPosition } from "./futures-by-position.ts";

/** The futures given to `wait`, each in one of the two, in the order given. */
export interface WaitResult<F extends Future<unknown>> {
  /** Those that have ended: done, failed or cancelled. */
  readonly done: Set<F>;
  /** Those that go on. */
  readonly notDone: Set<F>;
}

/**
 * Waits until the futures have ended, or one has, or one has failed, or the time is over.
 *
 * A timeout is no error: what has not ended by then is in `notDone`, and goes on. Duplicates count once. Futures of
 * several executors may be mixed. A failure of a future that was waited for is not reported as unhandled.
 *
 * @example
 * ```ts
 * const { done, notDone } = await wait(futures, { timeout: 1_000, returnWhen: "FIRST_COMPLETED" });
 * ```
 *
 * @param futures Futures, as `submit` gives them.
 * @param options `timeout` in milliseconds (0 or more; default: no limit) and `returnWhen` (default `"ALL_COMPLETED"`;
 *   `"FIRST_EXCEPTION"`: as soon as one has failed, a cancelled one not counting, else when all have ended).
 * @returns The futures that have ended and those that have not.
 * @throws {TypeError | RangeError} At once, if `futures` holds anything else or an option is not what it must be.
 */
export function wait<F extends Future<unknown>>(futures: Iterable<F>, options?: WaitOptions): Promise<WaitResult<F>> {
  const { timeout = Infinity, returnWhen = "ALL_COMPLETED" } = waitOptions.check(options, "Cannot wait for the futures");
  const waited = [...futuresByPosition(futures, "Cannot wait for the futures").keys()];
  return new Promise((resolve) => {
    let unfinished = 0;
    for (const future of waited) {
      if (future.done()) settler.observe(future);
      else unfinished += 1;
    }
    const isOver = (): boolean => unfinished === 0 || waited.some((future) => endsWait(future, returnWhen));
    if (timeout === 0 || isOver()) return resolve(partition(waited));
    const stop = startTimer(timeout, finish);
    for (const future of waited) if (!future.done()) settler.onSettled(future, settled);

    function settled(future: Future<unknown>): void {
      unfinished -= 1;
      if (unfinished === 0 || endsWait(future, returnWhen)) finish();
    }
    function finish(): void {
      stop();
      // A long-lived future that is waited for again and again must not collect the waits that are over.
      for (const future of waited) if (!future.done()) settler.offSettled(future, settled);
      resolve(partition(waited));
    }
  });
}

/** Whether this future alone ends the wait. */
function endsWait(future: Future<unknown>, returnWhen: NonNullable<WaitOptions["returnWhen"]>): boolean {
  if (returnWhen === "FIRST_COMPLETED") return future.done();
  return returnWhen === "FIRST_EXCEPTION" && future.state === "failed";
}

function partition<F extends Future<unknown>>(waited: Iterable<F>): WaitResult<F> {
  const result = { done: new Set<F>(), notDone: new Set<F>() };
  for (const future of waited) (future.done() ? result.done : result.notDone).add(future);
  return result;
}
