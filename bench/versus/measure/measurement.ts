// What a measurement is given and what it says, within the contender's own process.

import type { Contender, ContenderPool, Needs } from "../contender.ts";
import type { Sizes } from "../plan.ts";

export interface Setting extends Sizes {
  /** Imports the contender's file, and with it the library. */
  load(): Promise<Contender>;
  readonly kind: string;
  readonly workers: number;
  /** Gives one figure of one column. What was given counts even if the contender dies later. */
  report(column: string, value: number): void;
}

export type Measurement = (setting: Setting) => Promise<ContenderPool>;

/** The library has no such thing: no failure, and said in the row. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

export async function openPool({ load, workers, kind }: Setting, needs: Needs = { binary: false }): Promise<ContenderPool> {
  const contender = await load();
  return contender.open(workers, kind, needs);
}

export function middle(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export async function timed(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** The same time for all, so that their code has been compiled: who is quick gets through more of it. */
export async function warm(milliseconds: number, work: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + milliseconds;
  do await work();
  while (performance.now() < until);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The figure of a contender that computes wrongly is none. */
export function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`Wrong result: ${what}`);
}
