// What does a task cost beside what it computes? Empty tasks through the public interface: all submitted at once, through
// map, one at a time, and as closures made in a loop. The rungs take turns. The serial line calls the function. Of one
// awaited task it also says how much time of all processors it costs: with `spin` it comes back sooner, and nobody sleeps.
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
  /** Microseconds of processor time that this process and the worker have used. */
  cpuUs(): Promise<number>;
  close(): Promise<void>;
}

interface Figures {
  readonly submitPerSecond: number;
  readonly mapPerSecond: number;
  readonly closuresPerSecond: number;
  readonly roundTripUs: number;
  readonly roundTripCpuUs: number;
}

const serial: Rung = {
  name: "serial",
  submit: async (count) => numbers(count).map(increment),
  map: async (count) => numbers(count).map(increment),
  closures: async (count) => numbers(count).map((value) => (() => value + 1)()),
  one: async (value) => increment(value),
  cpuUs: async () => cpuUs(),
  close: async () => {},
};

const rungs: readonly Rung[] = [
  serial,
  rungOf("threads", new ThreadPoolExecutor({ maxWorkers: WORKERS })),
  rungOf("processes", new ProcessPoolExecutor({ maxWorkers: WORKERS })),
  ...spinning("threads, spin", (spin) => new ThreadPoolExecutor({ maxWorkers: WORKERS, spin })),
  ...spinning("processes, spin", (spin) => new ProcessPoolExecutor({ maxWorkers: WORKERS, spin })),
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
  `${"".padEnd(16)}${["submit", "map", "closures", "awaited", "its CPU time"].map((title) => title.padStart(14)).join("")}`,
  ...rows.map(
    ({ rung, submitPerSecond, mapPerSecond, closuresPerSecond, roundTripUs, roundTripCpuUs }) =>
      `${rung.padEnd(16)}${[submitPerSecond, mapPerSecond, closuresPerSecond].map((each) => Math.round(each).toLocaleString("en").padStart(14)).join("")}${[roundTripUs, roundTripCpuUs].map((us) => `${us.toFixed(2)} us`.padStart(14)).join("")}`,
  ),
]);

function rungOf(name: string, pool: Executor): Rung {
  return {
    name,
    submit: (count) => Promise.all(numbers(count).map((value) => pool.submit(increment, value))),
    map: (count) => pool.map(increment, numbers(count)),
    closures: (count) => Promise.all(numbers(count).map((value) => pool.submit(() => value + 1))),
    one: (value) => pool.submit(increment, value),
    cpuUs: async () => cpuUs() + (pool.kind === "processes" ? await pool.submit(cpuUs) : 0),
    close: () => pool.shutdown(),
  };
}

/** Both sides look for up to a millisecond. Nothing where the option is unknown: another commit may not have it. */
function spinning(name: string, open: (spin: number) => Executor): Rung[] {
  try {
    return [rungOf(name, open(1))];
  } catch {
    return [];
  }
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
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
    ...(await roundTrips(rung)),
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

async function roundTrips(rung: Rung): Promise<Pick<Figures, "roundTripUs" | "roundTripCpuUs">> {
  const times: number[] = [];
  const used = await rung.cpuUs();
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
    const begun = performance.now();
    strictEqual(await rung.one(trip), trip + 1);
    times.push((performance.now() - begun) * 1000);
  }
  return { roundTripUs: median(times), roundTripCpuUs: ((await rung.cpuUs()) - used) / ROUND_TRIPS };
}

function middle(figures: readonly Figures[]): Figures {
  const of = (name: keyof Figures): number => median(figures.map((each) => each[name]));
  return {
    submitPerSecond: of("submitPerSecond"),
    mapPerSecond: of("mapPerSecond"),
    closuresPerSecond: of("closuresPerSecond"),
    roundTripUs: of("roundTripUs"),
    roundTripCpuUs: of("roundTripCpuUs"),
  };
}
