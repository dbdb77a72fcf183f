// `advise(fn, sample)`: which rung pays for a function, without running it over everything. Behind a seam of the bundle:
// this file exports functions only.

import { checkFunction, oneOf, optionChecker, shown, wholeNumber, arrayOf } from "./contract/check-options.ts";
import type { AdviseOptions, Advice, AdvisedRung } from "./contract/advice.ts";
import { createExecutor } from "./create-executor.ts";
import { recommend } from "./measure/advice.ts";
import { predictRungs } from "./measure/predict-rungs.ts";

const RUNGS: readonly AdvisedRung[] = ["async", "threads", "processes"];

const SUBJECT = "Cannot advise";

/**
 * Says which rung pays for a function and items like these, and why.
 *
 * Calls `fn` in this thread for some of the sample (a few tenths of a second, twice; once if a call takes longer), starts
 * workers, moves the sample to them and back without calling `fn` there, and predicts from that what each rung takes for
 * all items. Nothing is left running. The function should be one that gives the same whenever it is called: `fn` is
 * called with the sample's own values.
 *
 * @example
 * ```ts
 * const advice = await advise(gcd, pairs.slice(0, 50), { items: pairs.length });
 * advice.rung; // "threads"
 * await using executor = createExecutor(advice.rung);
 * ```
 *
 * @param fn The function, as `map` takes it.
 * @param sample Some items, spread over what there is. One at least.
 * @param options `items`: how many there will be, default as many as the sample has. `maxWorkers`: of threads and processes,
 *   default as their executors choose. `rungs`: beside serial, default all three.
 * @returns The rung, the reason as a paragraph, and what each rung is expected to take.
 * @throws {TypeError | RangeError} If an argument is not what it must be. Rejects with what `fn` throws for the sample.
 */
export async function advise<T>(fn: (this: void, item: T) => unknown, sample: Iterable<T>, options?: AdviseOptions): Promise<Advice> {
  checkFunction(fn, SUBJECT);
  const items = [...checkIterable(sample)];
  const { items: count = items.length, maxWorkers, rungs = RUNGS } = adviseOptions().check(options, SUBJECT);
  if (items.length === 0) throw new RangeError(`${SUBJECT}: the sample must hold one item at least`);
  const workers = maxWorkers ?? (await defaultWorkers());
  const comparison = await predictRungs({
    functionName: fn.name === "" ? "the function" : fn.name,
    job: { fn: fn as (item: unknown) => unknown, count: items.length, copyItems: () => [...items] },
    items: count,
    rungs: RUNGS.filter((rung) => rungs.includes(rung)),
    workers,
    openExecutor: (rung) => createExecutor(rung === "threads" || rung === "processes" ? `${rung}:${workers}` : rung),
  });
  const { rung, reason } = recommend(comparison);
  return {
    rung: (rung ?? "serial") as Advice["rung"],
    reason,
    predictions: comparison.runs.map((run) =>
      run.completed ? { rung: run.rung, startSeconds: run.startSeconds, seconds: run.seconds } : { rung: run.rung, error: run.error },
    ) as Advice["predictions"],
    leverage: comparison.baseline!.leverage,
  };
}

/** Made when first asked for, as nothing else is when the module loads. */
function adviseOptions(): ReturnType<typeof optionChecker<AdviseOptions>> {
  return optionChecker<AdviseOptions>({ items: wholeNumber(1), maxWorkers: wholeNumber(1), rungs: arrayOf(oneOf("serial", ...RUNGS)) });
}

function checkIterable<T>(sample: Iterable<T>): Iterable<T> {
  if (typeof (sample as Partial<Iterable<T>> | undefined | null)?.[Symbol.iterator] === "function") return sample;
  throw new TypeError(`${SUBJECT}: the sample must be iterable, got ${shown(sample)}`);
}

async function defaultWorkers(): Promise<number> {
  const executor = createExecutor("threads");
  await executor.shutdown();
  return executor.maxWorkers;
}
