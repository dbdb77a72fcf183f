// Reads the values of the command's options that are more than a word.

import { InvalidArgumentError } from "commander";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** More workers than this is a typing mistake: each thread takes some 5 MiB, each process some 40. */
export const MOST_WORKERS = 1024;

/** A time with its unit, or a number of seconds, as milliseconds. */
export function parseDuration(text: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? NaN);
  if (!(ms > 0)) throw new InvalidArgumentError("It must be a time above 0, such as 10 (seconds), 500ms, 2m or 1h.");
  return ms;
}

/** For commander: a whole number within bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(
      most === Number.MAX_SAFE_INTEGER ? `It must be a whole number, ${least} or more.` : `It must be a whole number from ${least} to ${most}.`,
    );
  };
}
