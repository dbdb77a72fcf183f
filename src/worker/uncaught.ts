// What a worker does with errors that nothing caught, so that leftovers of one task never end another's worker.

import type { FarSide } from "./far-side.ts";

/** Called once, by the entry of a real worker. The user's own handlers, if any, run as well. */
export function catchLeftovers(farSide: FarSide): void {
  process.on("uncaughtException", (error, origin) => {
    // With --unhandled-rejections=strict rejections come this way.
    if (origin === "unhandledRejection") farSide.leftoverError(error);
    else farSide.uncaughtException(error);
  });
  // A rejection says nothing of what made its promise, so it is never held against the running task.
  process.on("unhandledRejection", (reason) => farSide.leftoverError(reason));
  process.on("exit", () => farSide.flush());
}
