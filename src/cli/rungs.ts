// The rungs that the command line knows, and the list of them that a user may give.

import { nearestName } from "../contract/nearest-name.ts";
import { UsageError } from "./usage-error.ts";

/** In the order of the table. */
export const RUNGS = ["serial", "async", "threads", "processes"] as const;
export type Rung = (typeof RUNGS)[number];

/** `"threads,serial"` as a list, in the order of the table. */
export function parseRungs(text: string): Rung[] {
  const named = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (named.length === 0) throw new UsageError(`Cannot compare nothing: --rungs takes some of ${RUNGS.join(", ")}`);
  const unknown = named.find((name) => !isRung(name));
  if (unknown !== undefined) throw new UsageError(`Unknown rung "${unknown}"${meant(unknown)}. --rungs takes some of ${RUNGS.join(", ")}`);
  return RUNGS.filter((rung) => named.includes(rung));
}

function isRung(name: string): name is Rung {
  return (RUNGS as readonly string[]).includes(name);
}

function meant(name: string): string {
  const nearest = nearestName(name, RUNGS);
  return nearest === undefined ? "" : `: did you mean ${nearest}`;
}
