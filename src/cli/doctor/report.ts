// What `dure doctor` has found, put together, and as text for people.

import Table from "cli-table3";
import type { Capture, Explanation } from "../../codec/functions/explain.ts";
import { counted } from "../../measure/quantities.ts";
import { colours } from "../colours.ts";
import { wrapped } from "../wrapped.ts";
import type { RungReport } from "./examine.ts";
import type { MachineReport } from "./machine.ts";

/** What `dure doctor --json` prints. Fields are added, never renamed. Sizes in bytes. */
export interface DoctorReport {
  readonly machine: MachineReport;
  readonly function?: FunctionReport;
}

export interface FunctionReport extends Explanation {
  readonly name: string;
  readonly items: number;
  readonly rungs: readonly RungReport[];
}

/** More than are read: each item may fail for a reason of its own. */
const MOST_PROBLEMS = 20;

export function toText({ machine, function: examined }: DoctorReport): string {
  return [...(examined === undefined ? [] : functionParts(examined)), machineText(machine), LIMITS].join("\n\n");
}

function functionParts(report: FunctionReport): string[] {
  const captures = report.captures.length === 0 ? [] : [captureTable(report.captures)];
  const problems = problemsOf(report);
  const told = problems.slice(0, MOST_PROBLEMS).map((problem) => `${colours.red("!")} ${problem}`);
  if (problems.length > MOST_PROBLEMS) told.push(`and ${problems.length - MOST_PROBLEMS} more, which --json gives`);
  return [`${colours.bold(report.name)} ${wayText(report)}`, ...captures, rungTable(report), ...(told.length === 0 ? [] : [told.join("\n")])];
}

/** Each once; what a rung says of a variable says the same as the variable's own line, and more. */
function problemsOf({ refusal, captures, rungs }: FunctionReport): string[] {
  const ofRungs = rungs.flatMap((rung) => rung.problems);
  const ofCaptures = ofRungs.length > 0 ? [] : captures.map((capture) => capture.refusal);
  return [...new Set([refusal, ...ofCaptures, ...ofRungs])].filter((problem) => problem !== undefined);
}

function wayText({ way, captures }: Explanation): string {
  if (way === undefined) return colours.red("cannot cross to a worker");
  const along = captures.length === 0 ? "It captures nothing." : "It takes these variables along:";
  switch (way.by) {
    case "reference":
      return `crosses by reference: workers import "${way.export}" of ${way.module}`;
    case "name":
      return `crosses by name: every worker has ${way.name}`;
    case "value":
      return `crosses by value: ${sizeText(way.bytes)} of source, from ${way.file}:${way.line}\n${along}`;
  }
}

function captureTable(captures: readonly Capture[]): string {
  const rows = captures.map(({ name, by, kind, bytes }) => [name, kind, by, bytes === undefined ? colours.red("cannot cross") : sizeText(bytes)]);
  return tableOf(["variable", "holds", "captured by", "size"], rows);
}

function rungTable({ rungs, items }: FunctionReport): string {
  const head = ["rung", "function", ...(items > 0 ? ["items"] : []), ...(rungs.some((rung) => rung.calls !== undefined) ? ["calls"] : [])];
  const rows = rungs.map((rung) => [
    rung.rung,
    rung.crosses ? colours.green("crosses") : colours.red("does not"),
    ...(items > 0 ? [partText(rung.items, items)] : []),
    ...(head.includes("calls") ? [partText(rung.calls, items)] : []),
  ]);
  return tableOf(head, rows);
}

function partText(part: number | undefined, all: number): string {
  if (part === undefined) return "-";
  const text = `${part} of ${all}`;
  return part === all ? colours.green(text) : colours.red(text);
}

function machineText(machine: MachineReport): string {
  const cores = machine.usableCores === machine.cores ? `${machine.cores}` : `${machine.usableCores} of the machine's ${machine.cores}`;
  const limit = machine.memoryLimit === null ? "" : `, of which this program may use ${sizeText(machine.memoryLimit)}`;
  return tableOf(
    ["machine", ""],
    [
      ["Node", `${machine.node}, ${machine.platform}`],
      ["cores", `${cores}; executors start up to ${counted(machine.defaultMaxWorkers, "worker")} unless told otherwise`],
      ["memory", `${sizeText(machine.memory)}${limit}`],
      ["shared memory", machine.sharedMemory === null ? "unknown" : `${sizeText(machine.sharedMemory)} free`],
      ["TypeScript", machine.typescript],
      ["inspector", machine.inspector ? "available: any function can cross" : colours.red("not available: name functions with task(url, name)")],
    ],
  );
}

const LIMITS: string = colours.dim(
  wrapped(
    "What no library survives on threads: a crash in native code, a signal that kills the process, and often a full heap end the whole program; and a thread inside a native call cannot be stopped before the call returns. On processes each of them costs one task. On both, only a timeout or a deadline ends a task that never returns.",
    100,
  ),
);

function tableOf(head: readonly string[], rows: readonly string[][]): string {
  const table = new Table({
    head: [...head],
    chars: BORDERLESS,
    style: { head: ["bold"].slice(0, colours.isColorSupported ? 1 : 0), border: [], "padding-left": 0, "padding-right": 2 },
  });
  table.push(...rows);
  return table.toString().replaceAll(/ +$/gm, "");
}

const BORDERLESS = Object.fromEntries(
  ["top", "bottom", "mid", "left", "right"]
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat("middle")
    .map((name) => [name, ""]),
);

function sizeText(bytes: number): string {
  if (bytes === 0) return "-";
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  if (power === 0) return counted(bytes, "byte");
  return `${(bytes / 1024 ** power).toPrecision(3)} ${units[power]}`;
}
