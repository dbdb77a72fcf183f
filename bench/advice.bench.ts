// Is the advice right? Twelve workloads of different kinds: what was predicted from a sample for each rung, what it then
// took, which rung was recommended and which was best. Executors are taken as started, as a program keeps them; serial
// is best also where a plain loop, without any executor, is.
//
// Each workload is compared several times, in turn with the others: of each rung the comparison is shown whose prediction was
// off by the median, and a recommendation is right if it was in most of them. So what is seen is the advice, and not what else
// the machine did in that second.
//
//   npm run bench -- advice [--workers=2] [--rounds=3] [--only=NAME] [--json]

import { parseArgs } from "node:util";
import { createExecutor } from "dure";
import { compareRungs } from "#dure/measure/compare-rungs.js";
import type { CompletedRun } from "#dure/measure/comparison.js";
import { recommend } from "#dure/measure/advice.js";
import { timePlainLoop } from "#dure/measure/time-rung.js";
import { machine, print } from "./report.ts";
import { WORKLOADS, type BenchWorkload } from "./workloads/workloads.ts";

const { values: options } = parseArgs({
  options: {
    workers: { type: "string", default: "2" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const workers = Number(options.workers);
/** A prediction is right within this share of what was measured, and a recommended rung within this of the best. */
const CLOSE_PREDICTION = 0.25;
const CLOSE_RUNG = 0.1;

const workloads = WORKLOADS.filter(({ name }) => name.includes(options.only));
const rounds: Row[][] = [];
for (let round = 0; round < Number(options.rounds); round += 1) {
  const judged: Row[] = [];
  for (const workload of workloads) judged.push(await judge(workload));
  rounds.push(judged);
}
const rows = workloads.map((_, index) => middleOf(rounds.map((judged) => judged[index] as Row)));
const rightRungs = rows.filter((row) => row.isRight).length;
const predictions = rows.flatMap((row) => row.rungs);
const close = predictions.filter(({ error }) => Math.abs(error) <= CLOSE_PREDICTION).length;
print(options.json, { machine: machine(), workers, rows, rightRungs, predictions: predictions.length, close }, [
  `Advice for ${rows.length} workloads, ${workers} workers. Milliseconds predicted / measured. ${machine()}`,
  ["workload".padEnd(22), ...["serial", "async", "threads", "processes"].map((rung) => rung.padStart(20)), "  recommended  best"].join(""),
  ...rows.map(lineOf),
  `recommended rung the best or within ${CLOSE_RUNG * 100} % of it: ${rightRungs} of ${rows.length}; predictions within ${CLOSE_PREDICTION * 100} %: ${close} of ${predictions.length}`,
]);

interface JudgedRung {
  readonly rung: string;
  readonly predicted: number;
  readonly measured: number;
  readonly error: number;
}

interface Row {
  readonly name: string;
  readonly rungs: readonly JudgedRung[];
  readonly recommended: string | null;
  readonly best: string;
  readonly isRight: boolean;
}

async function judge({ name, fn, items }: BenchWorkload): Promise<Row> {
  const all = items();
  const job = { fn: fn as (item: unknown) => unknown, count: all.length, copyItems: () => structuredClone(all) };
  const comparison = await compareRungs({
    functionName: fn.name,
    job,
    rungs: ["async", "threads", "processes"],
    workers,
    openExecutor: (rung) => createExecutor(rung === "serial" || rung === "async" ? rung : `${rung}:${workers}`),
  });
  const runs = comparison.runs.filter((run): run is CompletedRun => run.completed);
  if (runs.length !== 4 || !runs.every((run) => run.agrees)) throw new Error(`${name}: ${JSON.stringify(comparison.runs)}`);
  // Of a program that keeps its executor: the start is paid.
  const started = { ...comparison, runs: runs.map((run) => ({ ...run, startSeconds: 0 })) };
  const recommended = recommend(started).rung;
  // Who stays serial needs no executor: a plain loop.
  const loop = Math.min(await timePlainLoop(job), await timePlainLoop(job));
  const truth = runs.map((run) => ({ rung: run.rung, seconds: run.rung === "serial" ? Math.min(run.seconds, loop) : run.seconds }));
  const fastest = truth.reduce((best, run) => (run.seconds < best.seconds ? run : best));
  const chosen = truth.find((run) => run.rung === recommended);
  const rungs = runs.map(({ rung, seconds, predictedSeconds = NaN }) => ({
    rung,
    predicted: predictedSeconds * 1e3,
    measured: seconds * 1e3,
    error: predictedSeconds / seconds - 1,
  }));
  return { name, rungs, recommended, best: fastest.rung, isRight: chosen !== undefined && chosen.seconds <= fastest.seconds * (1 + CLOSE_RUNG) };
}

/** Of several judgements of one workload. */
function middleOf(judged: readonly Row[]): Row {
  const [first] = judged as [Row];
  const rungs = first.rungs.map((_, rung) => median(judged.map((row) => row.rungs[rung] as JudgedRung)));
  const isRight = judged.filter((row) => row.isRight).length * 2 > judged.length;
  return { ...(judged.find((row) => row.isRight === isRight) ?? first), rungs };
}

function median(rungs: readonly JudgedRung[]): JudgedRung {
  return rungs.toSorted((a, b) => a.error - b.error)[rungs.length >> 1] as JudgedRung;
}

function lineOf({ name, rungs, recommended, best, isRight }: Row): string {
  const cells = rungs.map(({ predicted, measured, error }) =>
    `${predicted.toFixed(0)} / ${measured.toFixed(0)}${Math.abs(error) > CLOSE_PREDICTION ? " !" : "  "}`.padStart(20),
  );
  return [name.padEnd(22), ...cells, `  ${String(recommended).padEnd(11)}  ${best}${isRight ? "" : "  !"}`].join("");
}
