import { spawnSync } from "node:child_process";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ThreadPoolExecutor } from "dure";
import type { Rung } from "./rung.js";
import { messagesAreNeverHalfWritten, nestedCallsAreRefused } from "./skips.js";

/** The rung of threads, as it is by default. */
export const threads: Rung = {
  name: "threads",
  open: (options) => new ThreadPoolExecutor(options),
  isolates: true,
  hasWorkers: true,
  concurrency: 2,
  skips: [
    nestedCallsAreRefused,
    ...messagesAreNeverHalfWritten,
    {
      rule: "44",
      fact: "a killed process is named by its signal",
      reason: "a thread is no process: a signal ends the whole program, while an exit ends the thread alone",
      refusal: () => {
        const program = fileURLToPath(new URL("../fixtures/exits-in-a-task.js", import.meta.url));
        const { status, stdout } = spawnSync(process.execPath, [program, "threads:1"], { encoding: "utf8" });
        assert.equal(status, 0);
        assert.match(stdout, /^WorkerLostError: /);
      },
    },
  ],
};
