// A program whose worker, of the kind that its argument names, prints many lines and is stopped at once.

import { DrivenWorker, realHosts } from "../driven-worker.ts";

const [, , kind, end] = process.argv;
const worker = new DrivenWorker(realHosts.find((host) => host.kind === kind)!);
worker.send([
  [
    (how: string) => {
      for (let line = 1; line <= 2000; line += 1) console.log(`line ${line}`);
      if (how === "exit") process.exit(0);
    },
    end,
  ],
]);
if (end === "exit") await worker.exited();
else await worker.stop();
