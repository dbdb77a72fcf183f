// A program with a thread in a native call that cannot be stopped: it is given up, and does not keep the program alive.

import { pbkdf2Sync } from "node:crypto";
import { currentTask } from "dure";
import { DrivenWorker, realHosts } from "../driven-worker.ts";

const worker = await new DrivenWorker(realHosts[0]!).ready();
worker.send([
  [
    () => {
      currentTask()?.progress(0);
      pbkdf2Sync("password", "salt", 1_200_000, 64, "sha512");
    },
  ],
]);
await worker.until(() => worker.heard.some(({ type }) => type === "progress"));
const end = await worker.handle.kill();
process.stdout.write(`${end} ${worker.exits.length} ${worker.exits[0]?.likelyCause}\n`);
