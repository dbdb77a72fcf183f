// Ctrl-C and SIGTERM: the first stops the run in good order, the second ends the program at once.

import { exitNow } from "../ended-early.ts";
import { EXIT_INTERRUPTED, EXIT_TERMINATED } from "../exit-codes.ts";

/** Milliseconds within which a second signal is the first one come twice: a terminal sends it to npx and tsx, too, and they hand theirs on. */
const SAME_SIGNAL_MS = 200;

export class Interrupts {
  /** Of a run that was interrupted. */
  exitCode: number | undefined;
  #firstAt = 0;
  readonly #stop: (why: string) => void;
  readonly #handlers: readonly (readonly [NodeJS.Signals, () => void])[];

  constructor(stop: (why: string) => void) {
    this.#stop = stop;
    this.#handlers = [
      ["SIGINT", () => this.#interrupt("interrupted", EXIT_INTERRUPTED)],
      ["SIGTERM", () => this.#interrupt("terminated", EXIT_TERMINATED)],
    ];
    for (const [signal, handler] of this.#handlers) process.on(signal, handler);
  }

  #interrupt(why: string, exitCode: number): void {
    if (this.exitCode !== undefined) {
      if (performance.now() - this.#firstAt > SAME_SIGNAL_MS) exitNow(this.exitCode);
      return;
    }
    this.exitCode = exitCode;
    this.#firstAt = performance.now();
    this.#stop(why);
  }
}
