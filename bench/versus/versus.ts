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
const repetitions = Number(options.repetitions ?? (options.quick ? 1 : 5));
const isWhole = !options.quick && options.only === undefined && options.contender === undefined;
const python = options.python === undefined || options.python === "" ? undefined : options.python;

/** By measurement, then by contender. */
const answers = new Map<string, Map<string, RunAnswer[]>>(plans.map(({ name }) => [name, new Map(contenders.map((entry) => [entry.name, []]))]));

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const origin = provenance(contenders, folder, python);
console.log(heading(origin, workers, repetitions));
for (let repetition = 0; repetition < repetitions; repetition += 1) {
  for (const plan of plans) {
    for (const entry of turned(contenders, repetition)) await ask(plan, entry, repetition);
  }
}
process.stderr.write("\n");
const results = plans.map((plan) => summarize(plan, sizesOf(plan).count, answers.get(plan.name)!));
for (const result of results) console.log(tableOf(result));
writeResults();

/** Once a contender has failed at something it is not asked again: its row says so. */
async function ask(plan: MeasurementPlan, entry: ContenderEntry, repetition: number): Promise<void> {
  const runs = answers.get(plan.name)!.get(entry.name)!;
  if (runs.some(({ problem }) => problem !== undefined)) return;
  process.stderr.write(`\r\u001B[K${repetition + 1}/${repetitions} ${plan.name}: ${entry.name} `);
  runs.push(await runContender(entry, plan, { ...sizesOf(plan), workers }, python));
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

function writeResults(): void {
  // A part of the whole, or a quick one, must not take the place of what is shown.
  const target = resolve(options.out ?? fileURLToPath(new URL(isWhole ? "results" : ".build/results", folder)));
  mkdirSync(target, { recursive: true });
  writeFileSync(
    `${target}/versus.json`,
    `${JSON.stringify({ ...origin, workers, repetitions, quick: options.quick, results } satisfies Results, undefined, 2)}\n`,
  );
  writeFileSync(`${target}/versus.svg`, pictureOf(results, origin, workers));
  console.log(`\nWritten to ${target}: versus.json, versus.svg`);
}

interface Results extends ReturnType<typeof provenance> {
  readonly workers: number;
  readonly repetitions: number;
  readonly quick: boolean;
  readonly results: readonly MeasurementResult[];
}
