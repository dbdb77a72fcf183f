// The results as lines for people.

import type { Unit } from "../plan.ts";
import type { Provenance } from "./provenance.ts";
import { format, spreadOf } from "./summary.ts";
import type { Cell, MeasurementResult, Row } from "./summary.ts";

const NAME_WIDTH = 32;
const COLUMN_WIDTH = 18;

export function heading(provenance: Provenance, workers: number): string {
  const versions = Object.entries(provenance.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${workers} workers; contenders in turn, medians ± half the range, results checked. Commit ${provenance.commit}, ${provenance.date}`,
    `${provenance.machine}, ${provenance.cores} cores, ${(provenance.memory / 2 ** 30).toFixed(1)} GiB, load before ${provenance.load.toFixed(1)}`,
    versions.join(", "),
  ].join("\n");
}

export function tableOf({ title, count, columns, rows }: MeasurementResult): string {
  return [
    "",
    count > 0 ? `${title} (${count.toLocaleString("en")})` : title,
    `${"".padEnd(NAME_WIDTH)}${columns.map(({ name }) => name.padStart(COLUMN_WIDTH)).join("")}`,
    ...rows.map((row) => lineOf(row, columns)),
  ].join("\n");
}

function lineOf({ contender, cells, problem }: Row, columns: MeasurementResult["columns"]): string {
  const figures = columns.map(({ name, unit }) => {
    const cell = cells[name];
    return cell === undefined ? "-" : figureOf(cell, unit);
  });
  if (problem !== undefined && Object.keys(cells).length === 0) return `${contender.padEnd(NAME_WIDTH)}  ${problem}`;
  return `${contender.padEnd(NAME_WIDTH)}${figures.map((figure) => figure.padStart(COLUMN_WIDTH)).join("")}${problem === undefined ? "" : `  ${problem}`}`;
}

/** One repetition has no spread. */
function figureOf(cell: Cell, unit: Unit): string {
  const figure = format(cell.median, unit);
  return cell.values.length === 1 ? figure : `${figure} ±${(spreadOf(cell) * 100).toFixed(0).padStart(2)}%`;
}
