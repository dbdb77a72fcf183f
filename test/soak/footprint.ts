// What a program takes of its machine, to be compared before and after.

import { getEventListeners } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import v8 from "node:v8";
import { collectGarbage } from "../garbage.ts";

export interface Footprint {
  /** Bytes in use after a collection, without compiled code: V8 compiles, and compiles anew, for as long as a program runs. */
  readonly heap: number;
  /** Bytes of buffers. */
  readonly buffers: number;
  /** The following are counts; 0 where the system does not tell. */
  readonly descriptors: number;
  readonly threads: number;
  readonly children: number;
  /** On the process, and on these signals. */
  readonly listeners: number;
}

export async function takeFootprint(signals: readonly AbortSignal[]): Promise<Footprint> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return {
    heap: heapUsed - v8.getHeapCodeStatistics().code_and_metadata_size,
    buffers: external,
    descriptors: count("/proc/self/fd"),
    threads: count("/proc/self/task"),
    children: children(),
    listeners: listeners(signals),
  };
}

function count(folder: string): number {
  return process.platform === "linux" ? readdirSync(folder).length : 0;
}

function children(): number {
  if (process.platform !== "linux") return 0;
  const tasks = readdirSync("/proc/self/task");
  return tasks.flatMap((task) =>
    read(`/proc/self/task/${task}/children`)
      .split(" ")
      .filter((pid) => pid !== ""),
  ).length;
}

/** A thread may end while we look. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function listeners(signals: readonly AbortSignal[]): number {
  const ofProcess = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return signals.reduce((sum, signal) => sum + getEventListeners(signal, "abort").length, ofProcess);
}

/** Objects of a class that are alive; 0 on a Node that does not tell. */
export function countOf(Class: abstract new (...args: never[]) => object): number {
  const { queryObjects } = v8 as { queryObjects?: (Class: unknown, options: { format: "count" }) => number };
  return queryObjects?.(Class, { format: "count" }) ?? 0;
}
