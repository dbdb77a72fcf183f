// What only worker processes do.

import { equal, ok } from "node:assert/strict";
import { afterEach, test } from "node:test";
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
  const { value } = await worker.run(async () => {
    const { execFileSync } = await import("node:child_process");
    // What the worker process inherited, its children do not.
    const inherited = execFileSync(process.execPath, [
      "-e",
      "const fs = require('node:fs'); console.log([3, 4, 5].map((fd) => { try { return fs.fstatSync(fd).isSocket() || fs.fstatSync(fd).size === 3076; } catch { return false; } }).join())",
    ]);
    return [typeof process.send, String(inherited).trim()];
  });
  ok(Array.isArray(value));
  equal(value[0], "undefined");
  equal(value[1], "false,false,false");
  await worker.stop();
});
