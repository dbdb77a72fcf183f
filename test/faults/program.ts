// A program that a test starts and ends, with what it prints, and a look at what is left of it.

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Gate } from "../gate.ts";
import type { RungName } from "./matrix.ts";

const PROGRAM = fileURLToPath(new URL("fixtures/life-program.js", import.meta.url));

/** Workers may outlive their program for so long. */
const GONE_WITHIN_MS = 2_000;

export class Program {
  readonly gate: Gate = new Gate();
  readonly child: ChildProcess;
  output = "";
  errors = "";
  readonly #mark: string = randomUUID();
  readonly #folder: string = mkdtempSync(join(tmpdir(), "dure-program-"));

  /** Leads a group and a session of its own. `shell`: what starts it, with its command line as "$@". */
  constructor(rung: RungName, what: string, shell = 'exec "$@"') {
    this.child = spawn("/bin/sh", ["-c", shell, "sh", process.execPath, PROGRAM, rung, what, this.gate.folder], {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      env: { ...process.env, DURE_TEST_MARK: this.#mark, TMPDIR: this.#folder },
    });
    this.child.stdout?.on("data", (chunk) => (this.output += chunk));
    this.child.stderr?.on("data", (chunk) => (this.errors += chunk));
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** Whether a signal has stopped it; taken for granted where the system does not say. */
  get isStopped(): boolean {
    return process.platform !== "linux" || /^State:\tT/m.test(textOf(`/proc/${this.pid}/status`));
  }

  /** Exit code and signal, once it has ended and all that it printed is here. */
  async end(): Promise<[number | null, string | null]> {
    return (await once(this.child, "close")) as [number | null, string | null];
  }

  /** Waits until no process of the program is left, then sees that it has left nothing else. */
  async leavesNothing(): Promise<void> {
    const end = Date.now() + GONE_WITHIN_MS;
    while (this.#processes().length > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(this.#processes(), []);
    assert.deepEqual(readdirSync(this.#folder), []);
  }

  /** Its workers and the shell that guards them too: all inherit the mark but the shell, whose end is theirs. */
  #processes(): string[] {
    if (process.platform !== "linux") return [];
    return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && textOf(`/proc/${pid}/environ`).includes(this.#mark));
  }

  remove(): void {
    this.child.kill("SIGKILL");
    this.gate.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

export async function withProgram(rung: RungName, what: string, body: (program: Program) => Promise<void>, shell?: string): Promise<void> {
  const program = new Program(rung, what, shell);
  try {
    await body(program);
  } finally {
    program.remove();
  }
}
