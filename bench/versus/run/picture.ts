// The results as an SVG picture: one group of bars for each measurement, by its first column. Plain text: it needs no
// library, and is readable on light and on dark pages.

import type { Provenance } from "./provenance.ts";
import { format } from "./summary.ts";
import type { MeasurementResult, Row } from "./summary.ts";

const WIDTH = 860;
const NAME_WIDTH = 220;
const BAR_WIDTH = 480;
const LINE = 20;
const TITLE = 40;
const MARGIN = 16;

const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600}.note{font-size:11px;fill:#6e7781}
.bar{fill:#afb8c1}.dure{fill:#0969da}.line{fill:#d4a72c}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#8d96a0}.bar{fill:#484f58}.dure{fill:#4493f8}.line{fill:#bb8009}}`;

export function pictureOf(results: readonly MeasurementResult[], provenance: Provenance, workers: number): string {
  let top = MARGIN;
  const groups: string[] = [];
  for (const result of results) {
    const { svg, height } = groupOf(result, top);
    groups.push(svg);
    top += height;
  }
  const note = `${workers} workers; ${provenance.machine}, ${provenance.cores} cores; Node ${provenance.versions["node"] ?? ""}; commit ${provenance.commit}, ${provenance.date.slice(0, 10)}`;
  const height = top + MARGIN * 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(results.map(({ title }) => title).join("; "))}">`,
    `<style>${STYLE}</style>`,
    ...groups,
    `<text class="note" x="${MARGIN}" y="${top + MARGIN}">${escape(note)}</text>`,
    "</svg>",
    "",
  ].join("\n");
}

/** The best first; who has no such thing is left out, who fails at it is not. */
function groupOf(result: MeasurementResult, top: number): { svg: string; height: number } {
  const column = result.columns[0]!;
  const valueOf = ({ cells }: Row): number => (cells[column.name]?.median ?? (result.more ? -Infinity : Infinity)) * (result.more ? -1 : 1);
  const rows = result.rows.filter(({ problem }) => problem?.startsWith("n/a") !== true).sort((a, b) => valueOf(a) - valueOf(b));
  // A plain loop is beyond all scales.
  const longest = Math.max(...rows.filter(({ contender }) => !isLine(contender)).map(({ cells }) => cells[column.name]?.median ?? 0), Number.MIN_VALUE);
  const title = `${result.title}${result.columns.length > 1 ? `: ${column.name}` : ""} (${result.more ? "more" : "less"} is better)`;
  const bars = rows.map((row, index) => barOf(row, column, longest, top + TITLE + index * LINE));
  return {
    svg: [`<text class="title" x="${MARGIN}" y="${top + LINE}">${escape(title)}</text>`, ...bars].join("\n"),
    height: TITLE + rows.length * LINE + MARGIN,
  };
}

function barOf({ contender, cells, problem }: Row, column: MeasurementResult["columns"][number], longest: number, top: number): string {
  const cell = cells[column.name];
  const width = cell === undefined ? 0 : Math.min(BAR_WIDTH, Math.max(1, (Math.max(0, cell.median) / longest) * BAR_WIDTH));
  const said = cell === undefined ? (problem ?? "-") : format(cell.median, column.unit);
  const left = MARGIN + NAME_WIDTH;
  return [
    `<text x="${left - 8}" y="${top + 13}" text-anchor="end">${escape(contender)}</text>`,
    `<rect class="${classOf(contender)}" x="${left}" y="${top + 2}" width="${width.toFixed(1)}" height="${LINE - 6}" rx="2"/>`,
    `<text class="${cell === undefined ? "note" : "figure"}" x="${(left + width + 6).toFixed(1)}" y="${top + 13}">${escape(said.slice(0, 80))}</text>`,
  ].join("\n");
}

function classOf(contender: string): string {
  if (contender.startsWith("dure")) return "dure";
  return isLine(contender) ? "line" : "bar";
}

function isLine(contender: string): boolean {
  return contender.includes("serial loop");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
