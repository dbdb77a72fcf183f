import assert from "node:assert/strict";
import { ProcessPoolExecutor, SerializationError } from "dure";
import type { Rung } from "./rung.js";
import { withExecutor } from "./rung.js";
import { nestedCallsAreRefused } from "./skips.js";

/** The rung of processes, as it is by default. */
export const processes: Rung = {
  name: "processes",
  open: (options) => new ProcessPoolExecutor(options),
  isolates: true,
  hasWorkers: true,
  concurrency: 2,
  skips: [
    nestedCallsAreRefused,
    {
      rule: "58",
      fact: "a SharedArrayBuffer is the same memory on both sides",
      reason: "processes share no memory of JavaScript's",
      refusal: (rung) =>
        withExecutor(rung, {}, async (executor) => {
          const error = await executor.submit((shared: SharedArrayBuffer) => shared.byteLength, new SharedArrayBuffer(8)).exception();
          assert.ok(error instanceof SerializationError && error.path === "args[0]", String(error));
          assert.match(error.message, /SharedArrayBuffer/);
        }),
    },
  ],
};
