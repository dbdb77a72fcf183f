// Whether a rung gave what the serial rung gave.

import { isDeepStrictEqual } from "node:util";

/** Deep and strict equality: prototypes, -0, NaN, maps and sets included. */
export function resultsAgree(expected: readonly unknown[], results: readonly unknown[]): boolean {
  return isDeepStrictEqual(results, expected);
}
