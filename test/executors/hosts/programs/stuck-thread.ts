// A program with a thread in a native call that cannot be stopped: it is given up, and does not keep the program alive.

import { pbkdf2Sync } from "node:crypto";
import { currentTask } from "dure";
import { DrivenWorker, realHosts } from "../driven-worker.ts";

async function killInNativeCall(): Promise<string> {
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
  return `${end} ${worker.exits.length} ${worker.exits[0]?.likelyCause}\n`;
}

let end = await killInNativeCall();
// The thread may not have reached the call yet, and is then stopped as any other.
for (let tries = 1; end.startsWith("gone") && tries < 10; tries += 1) end = await killInNativeCall();
process.stdout.write(end);
