// What the benchmarks share: the median, the machine that they ran on, and where their answer goes.

import { availableParallelism, cpus } from "node:os";

/** The middle of the values. Needs one at least. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

/** A figure means little without it. */
export function machine(): string {
  return `Node ${process.versions.node}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? "unknown processor"}`;
}

/** One JSON object with `--json`, otherwise lines for people. */
export function print(asJson: boolean, json: object, lines: readonly string[]): void {
  console.log(asJson ? JSON.stringify(json, undefined, 2) : lines.join("\n"));
}
