// A program that runs one task on each real host and prints the results.

import { DrivenWorker, realHosts } from "../driven-worker.ts";

async function main(): Promise<void> {
  for (const host of realHosts) {
    const worker = new DrivenWorker(host, { stderr: "inherit" });
    const { ok, value } = await worker.run((a: number, b: number) => `${a + b} ${typeof globalThis.process.pid}`, 20, 22);
    process.stdout.write(`${host.kind} ${ok} ${String(value)}\n`);
    const { exitCode } = await worker.stop();
    process.stdout.write(`${exitCode}\n`);
  }
}

void main();
