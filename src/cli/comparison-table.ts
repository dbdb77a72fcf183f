// A comparison as a person reads it: a table, what its columns mean, and the advice.

import Table from "cli-table3";
import type { Recommendation } from "../measure/advice.ts";
import { totalSeconds } from "../measure/break-even.ts";
import type { Comparison, CompletedRun, RungRun } from "../measure/comparison.ts";
import { counted, inTimes } from "../measure/quantities.ts";
import { colours } from "./colours.ts";
import { wrapped } from "./wrapped.ts";

/** The whole report, without a final line break. `width` is how many columns a line may take. */
export function toText(comparison: Comparison, recommendation: Recommendation, width: number): string {
  const title = `${colours.bold(comparison.functionName)} over ${counted(comparison.items, "item")}, ${counted(comparison.workers, "worker")}`;
  const advice = `${colours.bold("Advice:")} ${recommendation.reason}`;
  return [title, table(comparison), ...errorLines(comparison), colours.dim(wrapped(legend(comparison), width)), wrapped(advice, width)].join("\n\n");
}

function table(comparison: Comparison): string {
  const rows = new Table({
    head: ["rung", "start", "predicted", "seconds", "speed-up", "with start", "results"],
    colAligns: ["left", "right", "right", "right", "right", "right", "left"],
    chars: BORDERLESS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  const serial = comparison.runs.find((run) => run.rung === "serial");
  const places = placesFor(comparison.runs);
  for (const run of comparison.runs) rows.push(cells(run, serial, places));
  return rows.toString().replaceAll(/ +$/gm, "");
}

/** Milliseconds. */
const FEWEST_PLACES = 3;
/** Microseconds: no clock of ours is finer. */
const MOST_PLACES = 6;

const BORDERLESS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

function cells(run: RungRun, serial: RungRun | undefined, places: number): string[] {
  if (!run.completed) return [run.rung, "", "", "", "", "", colours.red("failed")];
  const baseline = serial?.completed === true ? serial : undefined;
  const times = [startCell(run), run.predictedSeconds?.toFixed(places) ?? "", run.seconds.toFixed(places)];
  return [run.rung, ...times, speedup(baseline, run.seconds), speedup(baseline, totalSeconds(run)), resultsCell(run)];
}

function startCell(run: CompletedRun): string {
  return run.rung === "serial" ? "-" : run.startSeconds.toFixed(FEWEST_PLACES);
}

function resultsCell(run: CompletedRun): string {
  if (run.agrees) return run.rung === "serial" ? "the reference" : colours.green("agree");
  return colours.red(run.rung === "serial" ? "vary" : "DIFFER");
}

function speedup(serial: CompletedRun | undefined, seconds: number): string {
  return serial === undefined ? "" : inTimes(serial.seconds / seconds);
}

/** Decimal places that show two digits of the shortest run, the same in all rows so that the eye can compare them. */
function placesFor(runs: readonly RungRun[]): number {
  const shortest = Math.min(...runs.map((run) => (run.completed ? run.seconds : Infinity)));
  const needed = Number.isFinite(shortest) && shortest > 0 ? 1 - Math.floor(Math.log10(shortest)) : FEWEST_PLACES;
  return Math.min(MOST_PLACES, Math.max(FEWEST_PLACES, needed));
}

function errorLines({ runs }: Comparison): string[] {
  const lines = runs.flatMap((run) => (run.completed ? [] : [`${colours.red(`${run.rung} failed:`)} ${run.error}`]));
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function legend({ repetitions }: Comparison): string {
  const how = repetitions === 1 ? "one run" : `the median of ${repetitions} runs after one to warm up`;
  return `start: seconds to start the workers and load the function, paid once per executor. predicted: what a sample of the items foretold. seconds: mapping all items after the start, ${how}. speed-up: serial seconds divided by seconds. with start: the same for a program that starts the workers for these items alone.`;
}
