// What only a program of its own can show: its death, its end, its output.

import { equal, ok } from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

function start(name: string, args: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(new URL(`programs/${name}.js`, import.meta.url)), ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

async function output(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk) => (text += chunk));
  const [exitCode] = await once(child, "close");
  equal(exitCode, 0);
  return text;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

test("a worker process in a busy loop is gone soon after its program was killed", async () => {
  const program = start("busy-worker");
  const [line] = await once(program.stdout!, "data");
  const pid = Number(line);
  ok(isAlive(pid));
  program.kill("SIGKILL");
  await once(program, "exit");
  // The test's own time limit says if it never ends.
  await untilGone(pid);
});

for (const kind of ["threads", "processes"]) {
  test(`nothing that a worker printed is lost when it is stopped (${kind})`, async () => {
    const lines = (await output(start("printing-worker", [kind, "stop"]))).trimEnd().split("\n");
    equal(lines.length, 2000);
    equal(lines.at(-1), "line 2000");
  });
}

test("a program that forgets idle workers ends, and they end with it", async () => {
  const [first, pid] = (await output(start("idle-workers"))).split("\n");
  equal(first, "thread");
  await untilGone(Number(pid));
});

test("a thread in a native call is given up, with one exit, and its program ends", async () => {
  equal(await output(start("stuck-thread")), "abandoned 1 killed\n");
});
