// What does a task cost beside what it computes? Empty tasks through the public interface: all submitted at once, through
// map, one at a time, and as closures made in a loop. The rungs take turns. The serial line calls the function.
//
//   npm run bench -- hand-off [--turns=5] [--tasks=100000] [--json] [--base REV]

import { strictEqual } from "node:assert/strict";
import { parseArgs } from "node:util";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "dure";
import type { Executor } from "dure";
import { machine, median, print } from "./report.ts";

const { values: options } = parseArgs({
  options: { turns: { type: "string", default: "5" }, tasks: { type: "string", default: "100000" }, json: { type: "boolean", default: false } },
});

const TURNS = Number(options.turns);
const TASKS = Number(options.tasks);
const ROUND_TRIPS = Math.ceil(TASKS / 50);
const WORKERS = 2;

const increment = (value: number): number => value + 1;

/** The four ways to hand tasks over, each of which gives its results. */
interface Rung {
  readonly name: string;
  submit(count: number): Promise<number[]>;
  map(count: number): Promise<number[]>;
  closures(count: number): Promise<number[]>;
  one(value: number): Promise<number>;
  close(): Promise<void>;
}

interface Figures {
  readonly submitPerSecond: number;
  readonly mapPerSecond: number;
  readonly closuresPerSecond: number;
  readonly roundTripUs: number;
}

const serial: Rung = {
  name: "serial",
  submit: async (count) => numbers(count).map(increment),
  map: async (count) => numbers(count).map(increment),
  closures: async (count) => numbers(count).map((value) => (() => value + 1)()),
  one: async (value) => increment(value),
  close: async () => {},
};

const rungs: readonly Rung[] = [
  serial,
  rungOf("threads", new ThreadPoolExecutor({ maxWorkers: WORKERS })),
  rungOf("processes", new ProcessPoolExecutor({ maxWorkers: WORKERS })),
];

const turns = new Map<Rung, Figures[]>(rungs.map((rung) => [rung, []]));
for (const rung of rungs) await measure(rung, Math.ceil(TASKS / 10));
for (let turn = 0; turn < TURNS; turn += 1) {
  for (const rung of rungs) turns.get(rung)!.push(await measure(rung, TASKS));
}
for (const rung of rungs) await rung.close();

const rows = [...turns].map(([{ name }, figures]) => ({ rung: name, ...middle(figures) }));
print(options.json, { machine: machine(), turns: TURNS, tasks: TASKS, workers: WORKERS, rows }, [
  `${TASKS.toLocaleString("en")} tasks of x => x + 1, ${WORKERS} workers; medians of ${TURNS} turns, results checked. Tasks a second, and one awaited task. ${machine()}`,
  `${"".padEnd(12)}${["submit", "map", "closures", "awaited"].map((title) => title.padStart(14)).join("")}`,
  ...rows.map(
    ({ rung, submitPerSecond, mapPerSecond, closuresPerSecond, roundTripUs }) =>
      `${rung.padEnd(12)}${[submitPerSecond, mapPerSecond, closuresPerSecond].map((each) => Math.round(each).toLocaleString("en").padStart(14)).join("")}${`${roundTripUs.toFixed(2)} us`.padStart(14)}`,
  ),
]);

function rungOf(name: string, pool: Executor): Rung {
  return {
    name,
    submit: (count) => Promise.all(numbers(count).map((value) => pool.submit(increment, value))),
    map: (count) => pool.map(increment, numbers(count)),
    closures: (count) => Promise.all(numbers(count).map((value) => pool.submit(() => value + 1))),
    one: (value) => pool.submit(increment, value),
    close: () => pool.shutdown(),
  };
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** A tenth as many closures: each is taken apart. */
async function measure(rung: Rung, count: number): Promise<Figures> {
  const closures = Math.ceil(count / 10);
  return {
    submitPerSecond: await rate(count, () => rung.submit(count)),
    mapPerSecond: await rate(count, () => rung.map(count)),
    closuresPerSecond: await rate(closures, () => rung.closures(closures)),
    roundTripUs: await roundTrip(rung),
  };
}

async function rate(count: number, handOver: () => Promise<number[]>): Promise<number> {
  const begun = performance.now();
  const results = await handOver();
  const took = performance.now() - begun;
  strictEqual(results.length, count);
  for (const [index, value] of results.entries()) strictEqual(value, index + 1);
  return (count / took) * 1000;
}

async function roundTrip(rung: Rung): Promise<number> {
  const times: number[] = [];
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
    const begun = performance.now();
    strictEqual(await rung.one(trip), trip + 1);
    times.push((performance.now() - begun) * 1000);
  }
  return median(times);
}

function middle(figures: readonly Figures[]): Figures {
  const of = (name: keyof Figures): number => median(figures.map((each) => each[name]));
  return {
    submitPerSecond: of("submitPerSecond"),
    mapPerSecond: of("mapPerSecond"),
    closuresPerSecond: of("closuresPerSecond"),
    roundTripUs: of("roundTripUs"),
  };
}
