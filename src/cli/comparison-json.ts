// A comparison as JSON, for programs. Its shape is public: fields are added, never renamed.

import type { Recommendation } from "../measure/advice.ts";
import type { Comparison, RungRun } from "../measure/comparison.ts";

/** What `dure compare --json` prints. Times are in seconds. */
export interface ComparisonJson {
  readonly function: string;
  readonly items: number;
  readonly workers: number;
  /** Serial first. */
  readonly runs: readonly RunJson[];
  /** `null` if the function failed serially. */
  readonly leverage: { readonly computeSecondsPerItem: number; readonly bytesPerItem: number } | null;
  readonly recommendation: Recommendation;
}

/** One rung. `seconds` and `speedup` are `null` where it failed. */
interface RunJson {
  readonly rung: string;
  readonly seconds: number | null;
  readonly speedup: number | null;
  readonly agrees: boolean;
  /** What a sample of the items foretold. `null` where it failed. */
  readonly predictedSeconds: number | null;
  readonly error?: string;
}

export function toJson(comparison: Comparison, recommendation: Recommendation): ComparisonJson {
  const serial = comparison.runs.find((run) => run.rung === "serial" && run.completed);
  const serialSeconds = serial?.completed === true ? serial.seconds : undefined;
  return {
    function: comparison.functionName,
    items: comparison.items,
    workers: comparison.workers,
    runs: comparison.runs.map((run) => runJson(run, serialSeconds)),
    leverage: comparison.baseline?.leverage ?? null,
    recommendation,
  };
}

function runJson(run: RungRun, serialSeconds: number | undefined): RunJson {
  if (!run.completed) return { rung: run.rung, seconds: null, speedup: null, agrees: false, predictedSeconds: null, error: run.error };
  const speedup = serialSeconds === undefined ? null : serialSeconds / run.seconds;
  return { rung: run.rung, seconds: run.seconds, speedup, agrees: run.agrees, predictedSeconds: run.predictedSeconds ?? null };
}
