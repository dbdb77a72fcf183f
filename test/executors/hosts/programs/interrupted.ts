// A program that, when it is interrupted, lets its worker process finish something.

import { DrivenWorker, realHosts } from "../driven-worker.ts";

const worker = await new DrivenWorker(realHosts[1]!).ready();
process.once("SIGINT", () => void finish());
process.stdout.write("ready\n");

async function finish(): Promise<void> {
  const { value } = await worker.run(() => 42);
  process.stdout.write(`still ${String(value)}\n`);
  await worker.stop();
}
