// What each rung would take for many items, from a sample of them: a comparison in which no rung runs all items. Called by
// `advise`.

import { onRung } from "./compare-rungs.ts";
import type { CompareRequest } from "./compare-rungs.ts";
import type { Comparison, CompletedRun, RungRun } from "./comparison.ts";
import { leverageOf } from "./leverage.ts";
import { Predictions } from "./predictions.ts";
import { takeSample } from "./sample.ts";
import { timeStart } from "./time-rung.ts";
import { timeUseOf } from "./time-use.ts";

/** `job` holds the sample; `items` is how many there will be in all. */
export type PredictRequest = CompareRequest & { readonly items: number };

/** Rejects with what the function throws in this thread. A rung to which it cannot cross is a row that says so. */
export async function predictRungs(request: PredictRequest): Promise<Comparison> {
  const { functionName, job, workers, items } = request;
  const sample = await takeSample(job);
  const predictions = new Predictions({ ...job, count: items }, workers, sample);
  const runs: RungRun[] = [];
  for (const rung of ["serial", ...request.rungs]) {
    runs.push(
      await onRung(request, rung, async (executor, openedAt): Promise<CompletedRun> => {
        const startSeconds = rung === "serial" ? 0 : await timeStart(executor, { ...job, count: items }, openedAt);
        const { seconds = NaN, moveSecondsPerItem = NaN } = (await predictions.of(executor)) ?? {};
        return { rung, completed: true, startSeconds, seconds, moveSecondsPerItem, predictedSeconds: seconds, agrees: true };
      }),
    );
  }
  const leverage = leverageOf(sample.computing * sample.items.length, sample.items, sample.results);
  return { functionName, items, workers, repetitions: 1, runs, baseline: { timeUse: timeUseOf(sample), leverage } };
}
