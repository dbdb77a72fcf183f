// What only worker processes do.

import { equal, ok } from "node:assert/strict";
import { afterEach, test } from "node:test";
import { CLAIMS_FILE_SIZE } from "#dure/transport/file-claims.js";
import { DrivenWorker, killAllDriven, realHosts } from "./driven-worker.ts";

afterEach(killAllDriven);

const processes = realHosts[1]!;

for (const [signal, likelyCause] of [
  ["SIGSEGV", "native crash"],
  ["SIGKILL", "killed"],
  ["SIGTERM", "killed"],
] as const) {
  test(`a worker process that ends by ${signal} is told as ${likelyCause}`, async () => {
    const worker = await new DrivenWorker(processes).ready();
    worker.send([[(by: string) => process.kill(process.pid, by), signal]]);
    const exit = await worker.exited();
    equal(exit.signal, signal);
    equal(exit.exitCode, null);
    equal(exit.likelyCause, likelyCause);
  });
}

test("process.abort() is told from a full heap, which ends a process in the same way", async () => {
  const worker = await new DrivenWorker(processes, { stderr: "ignore" }).ready();
  worker.send([[() => process.abort()]]);
  const exit = await worker.exited();
  equal(exit.signal, "SIGABRT");
  equal(exit.likelyCause, "native crash");
});

test("the worker's process is the one that it says, under the name of its pool", async () => {
  const worker = new DrivenWorker(processes);
  const { value } = await worker.run(() => [process.pid, process.title]);
  ok(Array.isArray(value));
  equal(value[0], worker.handle.info.pid);
  equal(value[1], "dure processes-2");
  await worker.stop();
});

test("a process that the system refuses to start exits with the system's reason", async () => {
  const { execPath } = process;
  process.execPath = "/no/such/program";
  const worker = new DrivenWorker(processes);
  process.execPath = execPath;
  equal(worker.exits.length, 0);
  const { error, exitCode, likelyCause } = await worker.exited();
  equal((error as NodeJS.ErrnoException).code, "ENOENT");
  equal(exitCode, null);
  equal(likelyCause, "unknown");
  equal(await worker.handle.kill(), "gone");
});

test("memory limits reach V8 as flags", async () => {
  const worker = new DrivenWorker(processes, { resourceLimits: { maxOldGenerationSizeMb: 100, stackSizeMb: 2 } });
  const { value } = await worker.run(() => process.execArgv.filter((flag) => /^--(max-old|stack)/.test(flag)).join(" "));
  equal(value, "--max-old-space-size=100 --stack-size=2048");
  await worker.stop();
});

test("a task's own IPC, descriptors and standard input are its own: nothing of ours is in their place", async () => {
  const worker = new DrivenWorker(processes);
  const look = `console.log([3, 4, 5].map((descriptor) => {
    try {
      const { size, mode } = require("node:fs").fstatSync(descriptor);
      return size === ${CLAIMS_FILE_SIZE} || (mode & 0o170000) === 0o140000;
    } catch {
      return false;
    }
  }).join())`;
  const { value } = await worker.run(async (script: string) => {
    const { execFileSync } = await import("node:child_process");
    // What the worker process inherited, its children do not, unless they are given it.
    const seenBy = (stdio: ("pipe" | number)[]): string => String(execFileSync(process.execPath, ["-e", script], { stdio })).trim();
    return [typeof process.send, seenBy(["pipe", "pipe", "pipe"]), seenBy(["pipe", "pipe", "pipe", 3, 4, 5])];
  }, look);
  ok(Array.isArray(value));
  equal(value[0], "undefined");
  equal(value[1], "false,false,false");
  equal(value[2], "true,true,true");
  await worker.stop();
});
