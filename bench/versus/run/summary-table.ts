// The results as one Markdown table for the README: a line for each contender, a column for what most programs feel.

import type { Unit } from "../plan.ts";
import { CONTENDERS } from "./contender-list.ts";
import type { Provenance } from "./provenance.ts";
import { format } from "./summary.ts";
import type { Cell, MeasurementResult, Row } from "./summary.ts";

interface Column {
  readonly title: string;
  readonly measurement: string;
  readonly name: string;
}

const COLUMNS: readonly Column[] = [
  { title: "tasks/s, one `submit` each, 100,000 at once", measurement: "submit-all", name: "tasks/s" },
  { title: "10,000 at once", measurement: "submit-all", name: "a tenth at once" },
  { title: "tasks/s through `map`", measurement: "map", name: "tasks/s" },
  { title: "tasks/s, a fresh closure each", measurement: "closures", name: "tasks/s" },
  { title: "one awaited, p50", measurement: "awaited", name: "p50" },
  { title: "first result", measurement: "start-up", name: "first result" },
  { title: "1 ms tasks, of the ideal", measurement: "durations", name: "1 ms" },
  { title: "mixed, of the ideal", measurement: "mixed", name: "share" },
  { title: "1 MiB of records there and back", measurement: "payload-object", name: "1 MiB" },
  { title: "1 MiB array", measurement: "payload-typed-array", name: "1 MiB" },
  { title: "64 MiB array", measurement: "payload-typed-array", name: "64 MiB" },
  { title: "memory per worker", measurement: "memory", name: "per worker" },
  { title: "per queued task", measurement: "memory", name: "per queued task" },
];

/** Bold: the best of the pools. `-`: it has no such thing, or failed at it; versus.json says which. */
export function summaryTable(results: readonly MeasurementResult[], provenance: Provenance, workers: number): string {
  const columns = COLUMNS.flatMap((column) => columnOf(column, results));
  const contenders = CONTENDERS.filter(({ name }) => results.some(({ rows }) => rows.some(({ contender }) => contender === name)));
  return [
    `| ${["", ...columns.map(({ title }) => title)].join(" | ")} |`,
    `| --- |${" ---: |".repeat(columns.length)}`,
    ...contenders.map(({ name }) => `| ${[name, ...columns.map((column) => figureOf(column, name))].join(" | ")} |`),
    "",
    `${timesOf(results)}; ${workers} workers. ${provenance.machine}, ${provenance.cores} cores; ${versionsOf(provenance)}; commit ${provenance.commit}, ${provenance.date.slice(0, 10)}.`,
    "",
  ].join("\n");
}

interface FilledColumn {
  readonly title: string;
  readonly unit: Unit;
  readonly cells: ReadonlyMap<string, Cell>;
  readonly best: number | undefined;
}

function columnOf({ title, measurement, name }: Column, results: readonly MeasurementResult[]): FilledColumn[] {
  const result = results.find((one) => one.name === measurement);
  const unit = result?.columns.find((column) => column.name === name)?.unit;
  if (result === undefined || unit === undefined) return [];
  const cells = new Map(result.rows.flatMap(({ contender, cells: own }): [string, Cell][] => (own[name] === undefined ? [] : [[contender, own[name]]])));
  const pools = result.rows.filter(isPool).flatMap(({ contender }) => cells.get(contender)?.median ?? []);
  const best = pools.length === 0 ? undefined : result.more ? Math.max(...pools) : Math.min(...pools);
  return [{ title, unit, cells, best }];
}

/** A plain loop, or a rung that is one, has no worker to hand anything to. */
function isPool({ contender }: Row): boolean {
  return !contender.includes("serial");
}

function figureOf({ cells, unit, best }: FilledColumn, contender: string): string {
  const cell = cells.get(contender);
  if (cell === undefined) return "-";
  const figure = format(cell.median, unit);
  return cell.median === best && !contender.includes("serial") ? `**${figure}**` : figure;
}

/** How often each was measured at least; what failed was not asked again. */
function timesOf(results: readonly MeasurementResult[]): string {
  const counts = results.flatMap(({ rows }) =>
    rows.filter(({ problem }) => problem === undefined).flatMap(({ cells }) => Object.values(cells).map(({ values }) => values.length)),
  );
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least < most) return `Medians of ${least} to ${most} repetitions`;
  return most === 1 ? "Measured once" : `Medians of ${most} repetitions`;
}

function versionsOf({ versions }: Provenance): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name === "node" ? "Node" : name === "python" ? "Python" : name} ${version}`)
    .join(", ");
}
