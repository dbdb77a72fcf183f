// Runs one contender in one measurement, in a process of its own, and hears its figures. Whatever happens to it becomes
// the answer: figures, or what is to be said instead of them.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { MeasurementPlan, Sizes } from "../plan.ts";
import { commandOf } from "./contender-list.ts";
import type { ContenderEntry } from "./contender-list.ts";

export interface RunAnswer {
  readonly figures: ReadonlyMap<string, number>;
  /** Why figures are missing. */
  readonly problem?: string;
}

interface Message {
  readonly column?: string;
  readonly value?: number;
  readonly end?: true;
  readonly unavailable?: string;
  readonly failed?: string;
}

const PREFIX = "versus ";
const ERROR_OUTPUT_KEPT = 2000;

export async function runContender(
  entry: ContenderEntry,
  plan: MeasurementPlan,
  sizes: Sizes & { workers: number },
  python: string | undefined,
): Promise<RunAnswer> {
  const command = commandOf(entry, python);
  if (command === undefined) return { figures: new Map(), problem: "n/a: no Python with venv and pip here" };
  const [program, ...first] = command;
  const args = [...first, entry.module, entry.kind, plan.name, JSON.stringify(sizes)];
  // A group of its own, so that whatever it starts can be ended with it.
  const child = spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], env: environment() });
  const endWithParent = (): void => endGroup(child);
  process.once("exit", endWithParent);
  try {
    return await hear(child, plan.limit);
  } finally {
    endGroup(child);
    process.removeListener("exit", endWithParent);
  }
}

/** Where a machine sets this variable, each Node reads all certificates there are as it starts: 50 ms that are no library's, but for one that clears it. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _certificates, ...others } = process.env;
  return others;
}

/** Until it ends, or for `limit` milliseconds. Nothing is waited for but the process itself: what it leaves behind may keep its output open. */
function hear(child: ChildProcess, limit: number): Promise<RunAnswer> {
  const figures = new Map<string, number>();
  let errorOutput = "";
  let said: Message = {};
  child.stderr?.on("data", (chunk: Buffer) => void (errorOutput = (errorOutput + chunk.toString()).slice(-ERROR_OUTPUT_KEPT)));
  const lines = createInterface({ input: child.stdout! });
  lines.on("line", (line) => {
    if (!line.startsWith(PREFIX)) return;
    const message = JSON.parse(line.slice(PREFIX.length)) as Message;
    if (message.column !== undefined && message.value !== undefined) figures.set(message.column, message.value);
    else said = { ...said, ...message };
  });
  return new Promise((resolve) => {
    const answer = (problem: string | undefined): void => resolve(problem === undefined ? { figures } : { figures, problem });
    const timer = setTimeout(() => answer(said.end === true ? undefined : `hangs: no end within ${limit / 1000} s`), limit);
    child.once("error", (error) => answer(`does not start: ${error.message}`));
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      // What was written before its end may still be on its way.
      setTimeout(() => answer(problemOf(said, signal ?? code, errorOutput)), 20);
    });
  });
}

function problemOf(said: Message, ending: string | number | null, errorOutput: string): string | undefined {
  if (said.unavailable !== undefined) return `n/a: ${said.unavailable}`;
  if (said.failed !== undefined) return `fails: ${said.failed}`;
  if (said.end === true) return undefined;
  const lines = errorOutput.split("\n").filter((line) => line.trim() !== "");
  const reason = lines.find((line) => /^\w*(Error|Exception)\b/.test(line)) ?? lines.at(-1) ?? "without a word";
  return `crashes (${String(ending)}): ${reason}`;
}

function endGroup(child: ChildProcess): void {
  try {
    if (process.platform === "win32") child.kill();
    else if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}
