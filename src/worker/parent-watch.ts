// Ends a worker process whose parent was killed, also while it is in a busy loop: a thread looks at the parent from time
// to time. Only where no shell can do it for all workers: a thread costs about 10 ms and some MiB in each.

import { Worker } from "node:worker_threads";

/** Milliseconds between looks. */
const INTERVAL_MS = 500;

const WATCH = `
const { workerData } = require("node:worker_threads");
const word = new Int32Array(new SharedArrayBuffer(4));
const isGone = () => {
  if (process.ppid !== workerData.parent) return true;
  try {
    process.kill(workerData.parent, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
};
while (!isGone()) Atomics.wait(word, 0, 0, ${INTERVAL_MS});
process.kill(process.pid, "SIGKILL");
`;

export function watchParent(): void {
  const watcher = new Worker(WATCH, {
    eval: true,
    execArgv: [],
    env: {},
    workerData: { parent: process.ppid },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  watcher.unref();
  // A worker without it is still one that works.
  watcher.on("error", () => {});
}
