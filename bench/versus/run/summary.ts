// From the answers of several repetitions to one cell of the table: the middle of them, and how far they spread.

import type { MeasurementPlan, Unit } from "../plan.ts";
import type { RunAnswer } from "./contender-run.ts";

export interface Cell {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly values: readonly number[];
}

export interface Row {
  readonly contender: string;
  /** By column. What is missing has a problem that says why. */
  readonly cells: Readonly<Record<string, Cell>>;
  readonly problem?: string;
}

export interface MeasurementResult {
  readonly name: string;
  readonly title: string;
  readonly count: number;
  readonly more: boolean;
  readonly columns: readonly { readonly name: string; readonly unit: Unit }[];
  readonly rows: readonly Row[];
}

export function summarize(plan: MeasurementPlan, count: number, answers: ReadonlyMap<string, readonly RunAnswer[]>): MeasurementResult {
  const { name, title, more, columns } = plan;
  const asked = [...answers].filter(([, runs]) => runs.length > 0);
  return { name, title, count, more, columns, rows: asked.map(([contender, runs]) => rowOf(contender, plan, runs)) };
}

function rowOf(contender: string, { columns }: MeasurementPlan, runs: readonly RunAnswer[]): Row {
  const cells: Record<string, Cell> = {};
  for (const { name } of columns) {
    const values = runs.flatMap(({ figures }) => figures.get(name) ?? []).sort((a, b) => a - b);
    if (values.length > 0) cells[name] = cellOf(values);
  }
  const problem = runs.find((run) => run.problem !== undefined)?.problem;
  return { contender, cells, ...(problem === undefined ? {} : { problem }) };
}

function cellOf(sorted: readonly number[]): Cell {
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
  return { median, low: sorted[0] ?? NaN, high: sorted.at(-1) ?? NaN, values: sorted };
}

/** Half of the way from the lowest to the highest, as a share of the median. */
export function spreadOf({ median, low, high }: Cell): number {
  return median === 0 ? 0 : (high - low) / 2 / Math.abs(median);
}

export function format(value: number, unit: Unit): string {
  switch (unit) {
    case "tasks/s":
      return Math.round(value).toLocaleString("en");
    case "share":
      return `${(value * 100).toFixed(0)} %`;
    case "ms/s":
      return `${value.toFixed(1)} ms/s`;
    case "ms":
      if (value < 1) return `${(value * 1000).toFixed(value < 0.01 ? 2 : 1)} µs`;
      return value < 1000 ? `${value.toFixed(value < 10 ? 2 : 1)} ms` : `${(value / 1000).toFixed(2)} s`;
    case "bytes":
      if (Math.abs(value) < 10_000) return `${value.toFixed(0)} B`;
      return Math.abs(value) < 10_000_000 ? `${(value / 1000).toFixed(0)} kB` : `${(value / 1e6).toFixed(1)} MB`;
  }
}
