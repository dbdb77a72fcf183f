// When failures stop a run: `--halt soon,fail=3` or `now,fail=10%`, as in GNU parallel.

import { InvalidArgumentError } from "commander";

/** `soon`: what runs may finish. `now`: it is told to stop. */
export type HaltTime = "soon" | "now";

export interface HaltRule {
  readonly when: HaltTime;
  readonly failures: number;
  /** Whether `failures` is a percentage of the items that have ended. */
  readonly isPercentage: boolean;
}

/** A percentage of fewer says nothing. */
const FEWEST_ITEMS = 3;

export function parseHalt(text: string): HaltRule {
  const [, when, number, percent] = /^(soon|now),fail=(\d+)(%?)$/.exec(text) ?? [];
  const failures = Number(number);
  const isPercentage = percent === "%";
  if (when === undefined || failures < 1 || (isPercentage && failures > 100))
    throw new InvalidArgumentError("It must be soon,fail=N or now,fail=N, with N failures (1 or more) or N% of the items.");
  return { when: when as HaltTime, failures, isPercentage };
}

export function isHalted(rule: HaltRule, failed: number, ended: number): boolean {
  if (!rule.isPercentage) return failed >= rule.failures;
  return ended >= FEWEST_ITEMS && failed * 100 >= rule.failures * ended;
}
