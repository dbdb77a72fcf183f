// A program with a worker process in a busy loop. Prints the worker's process id once it loops.

import { currentTask } from "dure";
import { DrivenWorker, realHosts } from "../driven-worker.ts";

const worker = await new DrivenWorker(realHosts[1]!).ready();
worker.send([
  [
    () => {
      currentTask()?.progress(0);
      for (;;);
    },
  ],
]);
await worker.until(() => worker.heard.some(({ type }) => type === "progress"));
process.stdout.write(`${worker.handle.info.pid}\n`);
