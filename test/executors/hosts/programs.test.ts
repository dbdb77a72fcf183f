// What only a program of its own can show of a host: its death, its end, its output. (Of pools: conformance/programs.ts.)

import { equal, ok } from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

function start(name: string, args: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(new URL(`fixtures/${name}.js`, import.meta.url)), ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

async function output(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk) => (text += chunk));
  const [exitCode] = await once(child, "close");
  equal(exitCode, 0);
  return text;
}

/** A process id. */
async function firstLine(child: ChildProcess): Promise<number> {
  const [line] = await once(child.stdout!, "data");
  return Number(String(line));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A dead process keeps its id until the system's first process has taken note of it.
    return process.platform !== "linux" || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

test("a worker process that watches its parent itself is gone soon after its program was killed", async () => {
  const program = start("watched-parent");
  const pid = await firstLine(program);
  ok(isAlive(pid));
  program.kill("SIGKILL");
  await once(program, "exit");
  // The test's own time limit says if it never ends.
  await untilGone(pid);
});

test("kill() ends what a worker process has started, too", async () => {
  const program = start("worker-with-child");
  const pid = await firstLine(program);
  await once(program, "exit");
  await untilGone(pid);
});

for (const kind of ["threads", "processes"]) {
  test(`nothing that a worker printed is lost when it is stopped (${kind})`, async () => {
    const lines = (await output(start("printing-worker", [kind, "stop"]))).trimEnd().split("\n");
    equal(lines.length, 2000);
    equal(lines.at(-1), "line 2000");
  });
}

test("a thread in a native call is given up, with one exit, and its program ends", async () => {
  equal(await output(start("stuck-thread")), "abandoned 1 killed\n");
});
