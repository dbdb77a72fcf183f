// What this process and all below it use, as Linux tells it. Elsewhere nobody does for all of them alike.

import { readdirSync, readFileSync } from "node:fs";
import { UnavailableError } from "./measurement.ts";

const TICKS_PER_SECOND = 100;

/** Bytes, each shared page divided among those that share it. */
export function memoryOfTree(): number {
  return sum(treeOf(process.pid).map((id) => proportionalSize(id)));
}

/** Milliseconds of CPU time. */
export function cpuTimeOfTree(): number {
  return sum(treeOf(process.pid).map((id) => (cpuTicks(id) * 1000) / TICKS_PER_SECOND));
}

function treeOf(root: number): number[] {
  if (process.platform !== "linux") throw new UnavailableError("is measured on Linux only");
  const children = new Map<number, number[]>();
  for (const id of readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    const parent = Number(statOf(id)[1]);
    children.set(parent, [...(children.get(parent) ?? []), id]);
  }
  const tree = [root];
  // Grows while it is walked, until no process has children that are not in it.
  for (const id of tree) tree.push(...(children.get(id) ?? []));
  return tree;
}

/** The fields after the name, which may hold blanks: state, parent, ... Empty if the process has ended. */
function statOf(id: number): string[] {
  const stat = read(`/proc/${id}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function cpuTicks(id: number): number {
  const fields = statOf(id);
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function proportionalSize(id: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${id}/smaps_rollup`))?.[1] ?? 0) * 1024;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
