// A program that kills a worker process whose task has started a process of its own. Prints that one's id.

import { DrivenWorker, realHosts } from "../driven-worker.ts";

const worker = new DrivenWorker(realHosts[1]!);
const { value } = await worker.run(async () => {
  const { spawn } = await import("node:child_process");
  return spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" }).pid;
});
process.stdout.write(`${String(value)}\n`);
await worker.handle.kill();
