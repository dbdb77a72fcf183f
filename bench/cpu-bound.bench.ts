// How much faster is CPU-bound work on threads and on processes than serially? Guards the promise of 1.85 times and
// more on 2 workers. Ratios only: rungs take turns in one run, so a busy machine slows all of them.
//
//   npm run bench -- cpu-bound [--workers=2] [--items=48] [--repetitions=7] [--least=1.85] [--json]

import { deepStrictEqual } from "node:assert/strict";
import { parseArgs } from "node:util";
import { createExecutor } from "dure";
import type { Executor } from "dure";
import { countPrimes, PRIMES_BELOW_LIMIT } from "./count-primes.ts";
import { machine, median, print } from "./report.ts";

const { values: options } = parseArgs({
  options: {
    workers: { type: "string", default: "2" },
    items: { type: "string", default: "48" },
    repetitions: { type: "string", default: "7" },
    /** Ends with exit code 1 if a median ratio is below it. */
    least: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
  },
});

const items = Array.from({ length: Number(options.items) }, (_, index) => index);
const expected = items.map((index) => PRIMES_BELOW_LIMIT + index);
const rungs = ["serial", `threads:${options.workers}`, `processes:${options.workers}`];

const seconds = await takeTurns(rungs, Number(options.repetitions));
const rows = rungs.map((rung) => row(rung, seconds.get(rung) ?? [], seconds.get("serial") ?? []));
print(options.json, { machine: machine(), items: items.length, repetitions: Number(options.repetitions), rows }, [
  `CPU-bound map of ${items.length} items, ${options.repetitions} turns, results checked. ${machine()}`,
  ...rows.map(
    (each) =>
      `${each.rung.padEnd(14)}${each.seconds.toFixed(3).padStart(8)} s${each.ratio.toFixed(2).padStart(8)} times serial (${each.lowest.toFixed(2)} to ${each.highest.toFixed(2)})`,
  ),
]);
if (rows.some((each) => each.rung !== "serial" && each.ratio < Number(options.least))) process.exitCode = 1;

/** Seconds of each map, by rung. Executors stay open: what starting costs is another question. */
async function takeTurns(specs: readonly string[], turns: number): Promise<Map<string, number[]>> {
  const executors = specs.map((spec) => createExecutor(spec));
  const times = new Map<string, number[]>(specs.map((spec) => [spec, []]));
  try {
    // The first turn starts the workers and lets every isolate compile the function; it does not count.
    for (let turn = -1; turn < turns; turn += 1) {
      for (const [index, executor] of executors.entries()) {
        const taken = await timeMap(executor);
        if (turn >= 0) times.get(specs[index] ?? "")?.push(taken);
      }
    }
  } finally {
    await Promise.all(executors.map((executor) => executor.shutdown()));
  }
  return times;
}

async function timeMap(executor: Executor): Promise<number> {
  const begun = performance.now();
  const results = await executor.map(countPrimes, items);
  const taken = (performance.now() - begun) / 1000;
  deepStrictEqual(results, expected);
  return taken;
}

interface Row {
  readonly rung: string;
  readonly seconds: number;
  /** The median of the ratios of each turn, and their range. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
}

function row(rung: string, times: readonly number[], serial: readonly number[]): Row {
  const ratios = times.map((time, turn) => (serial[turn] ?? NaN) / time);
  return { rung, seconds: median(times), ratio: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}
