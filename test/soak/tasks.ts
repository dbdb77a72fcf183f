// What the soak runs: tasks that end in every way there is.

import { setTimeout as sleep } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { currentTask } from "dure";

export function addOne(n: number): number {
  return n + 1;
}

export function describe(n: number): { readonly n: number; readonly text: string } {
  return { n, text: "é".repeat(n % 100) };
}

export function fail(n: number): never {
  throw new RangeError(`${n} fails`, { cause: { n } });
}

/** Waits until it is told to end. */
export async function waitForEnd(): Promise<void> {
  while (currentTask()?.aborted !== true) await sleep(1);
}

/** Never ends, and looks at nothing. */
export function spin(): never {
  for (;;);
}

export function exit(code: number): never {
  process.exit(code);
}

export function killItself(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
}

const kept: unknown[] = [];

function ownName(): string {
  return `${process.pid}/${threadId}`;
}

/** Keeps so much for ever, and tells which worker it was. */
export function keep(megabytes: number): string {
  kept.push(new Uint8Array(megabytes * 2 ** 20).fill(1));
  return ownName();
}

/** As {@link keep}, of the heap. */
export function keepNumbers(megabytes: number): string {
  for (let n = 0; n < megabytes * 8; n += 1) kept.push(new Array(16_384).fill(n + 0.5));
  return ownName();
}

/** Leaves a timer that never ends, and tells which worker it was. */
export function leaveTimer(): string {
  setInterval(() => {}, 1_000);
  return ownName();
}
