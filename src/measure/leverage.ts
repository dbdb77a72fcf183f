// How much a function computes for each byte that it makes cross. Called once per comparison.

import { serialize } from "node:v8";
import type { Leverage } from "./comparison.ts";

/** Items looked at. More would cost time and memory; a thousand already average out. */
const SAMPLED_ITEMS = 1000;

/** The leverage of a function that computed for `computeSeconds` over all these items. */
export function leverageOf(computeSeconds: number, items: readonly unknown[], results: readonly unknown[]): Leverage {
  return {
    computeSecondsPerItem: computeSeconds / items.length,
    bytesPerItem: meanSize(items) + meanSize(results),
  };
}

function meanSize(values: readonly unknown[]): number {
  const sample = values.slice(0, SAMPLED_ITEMS);
  const total = sample.reduce<number>((sum, value) => sum + sizeOf(value), 0);
  return sample.length === 0 ? 0 : Math.round(total / sample.length);
}

/** What cannot be cloned counts as nothing: the rungs with workers will refuse it by name. */
function sizeOf(value: unknown): number {
  try {
    return serialize(value).byteLength;
  } catch {
    return 0;
  }
}
