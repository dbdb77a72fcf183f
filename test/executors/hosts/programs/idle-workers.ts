// A program that forgets to end workers that do nothing: it ends all the same, and they with it. Prints their ids.

import { DrivenWorker, realHosts } from "../driven-worker.ts";

for (const host of realHosts) {
  const worker = await new DrivenWorker(host).ready();
  worker.handle.unref();
  process.stdout.write(`${worker.handle.info.pid ?? "thread"}\n`);
}
