// dure beside its peers, in one run on one machine. Each measurement asks every contender in turn, in a process of its
// own, and does so again for each repetition, so that whatever the machine does meets all of them.
//
//   npm run bench -- versus [--only MEASUREMENT,...] [--contender NAME,...] [--workers N] [--repetitions N] [--quick] [--out FOLDER]

import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PLANS } from "./plan.ts";
import type { MeasurementPlan } from "./plan.ts";
import { CONTENDERS } from "./run/contender-list.ts";
import type { ContenderEntry } from "./run/contender-list.ts";
import { runContender } from "./run/contender-run.ts";
import type { RunAnswer } from "./run/contender-run.ts";
import { pictureOf } from "./run/picture.ts";
import { summaryTable } from "./run/summary-table.ts";
import { provenance } from "./run/provenance.ts";
import { summarize } from "./run/summary.ts";
import type { MeasurementResult } from "./run/summary.ts";
import { heading, tableOf } from "./run/table.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    contender: { type: "string" },
    workers: { type: "string", default: String(availableParallelism()) },
    repetitions: { type: "string" },
    quick: { type: "boolean", default: false },
    out: { type: "string" },
    python: { type: "string" },
  },
});

const folder = new URL("../../", import.meta.url);
const plans = chosen(PLANS, options.only, "measurement");
const contenders = chosen(CONTENDERS, options.contender, "contender");
const workers = Number(options.workers);
const isWhole = !options.quick && options.only === undefined && options.contender === undefined;
// A part of the whole, or a quick one, must not take the place of what is shown.
const target = resolve(options.out ?? fileURLToPath(new URL(isWhole ? "results" : ".build/results", folder)));
const python = options.python === undefined || options.python === "" ? undefined : options.python;

/** By measurement, then by contender. */
const answers = new Map<string, Map<string, RunAnswer[]>>(plans.map(({ name }) => [name, new Map(contenders.map((entry) => [entry.name, []]))]));

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const origin = provenance(contenders, folder, python);
const rounds = Math.max(...plans.map(repetitionsOf));
console.log(heading(origin, workers));
for (let round = 0; round < rounds; round += 1) {
  for (const plan of plans.filter((each) => round < repetitionsOf(each))) {
    for (const entry of turned(contenders, round)) if (entry.only?.includes(plan.name) !== false) await ask(plan, entry, round);
  }
  // A long run that is cut short leaves what it has.
  writeResults(resultsSoFar());
}
progress("");
for (const result of resultsSoFar()) console.log(tableOf(result));
console.log(`\nWritten to ${target}: versus.json, versus.svg, versus.md`);

/** Once a contender has failed at something it is not asked again: its row says so. */
async function ask(plan: MeasurementPlan, entry: ContenderEntry, round: number): Promise<void> {
  const runs = answers.get(plan.name)!.get(entry.name)!;
  if (runs.some(({ problem }) => problem !== undefined)) return;
  progress(`${round + 1}/${repetitionsOf(plan)} ${plan.name}: ${entry.name}`);
  runs.push(await runContender(entry, plan, { ...sizesOf(plan), workers }, python));
}

/** One line that is written over, for whoever watches. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${line}`);
}

function repetitionsOf(plan: MeasurementPlan): number {
  return Number(options.repetitions ?? (options.quick ? 1 : plan.repetitions));
}

function sizesOf(plan: MeasurementPlan): MeasurementPlan["sizes"] {
  return options.quick ? plan.quick : plan.sizes;
}

/** Those whose name contains one of the parts, in their own order. */
function chosen<T extends { readonly name: string }>(all: readonly T[], parts: string | undefined, what: string): readonly T[] {
  const wanted = parts?.split(",");
  const found = wanted === undefined ? all : all.filter(({ name }) => wanted.some((part) => name.includes(part)));
  if (found.length === 0) throw new Error(`No ${what}'s name contains ${parts ?? ""}: there are ${all.map(({ name }) => name).join(", ")}`);
  return found;
}

/** Another one first each time, so that none always follows the same. */
function turned<T>(list: readonly T[], by: number): readonly T[] {
  const first = by % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

function resultsSoFar(): MeasurementResult[] {
  return plans.map((plan) => summarize(plan, sizesOf(plan).count, answers.get(plan.name)!));
}

function writeResults(results: readonly MeasurementResult[]): void {
  mkdirSync(target, { recursive: true });
  writeFileSync(`${target}/versus.json`, `${JSON.stringify({ ...origin, workers, quick: options.quick, results } satisfies Results, undefined, 2)}\n`);
  const pictured = results.filter(({ name }) => PLANS.some((plan) => plan.name === name && plan.isPictured));
  if (pictured.length > 0) writeFileSync(`${target}/versus.svg`, pictureOf(pictured, origin, workers));
  writeFileSync(`${target}/versus.md`, summaryTable(results, origin, workers));
}

interface Results extends ReturnType<typeof provenance> {
  readonly workers: number;
  readonly quick: boolean;
  readonly results: readonly MeasurementResult[];
}
