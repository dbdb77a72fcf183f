// Colours on a terminal only. picocolors alone would also colour a pipe wherever a `CI` variable is set.

import { isatty } from "node:tty";
import pc from "picocolors";

/** What decides about colour: the stream that is written to and the environment. */
export interface ColourSurroundings {
  readonly isTerminal: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** As https://no-color.org and https://force-color.org ask: `NO_COLOR` wins, then `FORCE_COLOR`, then what the stream is. */
export function wantsColour({ isTerminal, env }: ColourSurroundings): boolean {
  if (isSet(env["NO_COLOR"])) return false;
  if (isSet(env["FORCE_COLOR"])) return env["FORCE_COLOR"] !== "0" && env["FORCE_COLOR"] !== "false";
  return isTerminal && env["TERM"] !== "dumb";
}

/** The colours of what goes to standard output. */
export const colours: ReturnType<typeof pc.createColors> = pc.createColors(wantsColour({ isTerminal: isatty(process.stdout.fd), env: process.env }));

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
