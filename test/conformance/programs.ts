// Rules 8, 43, 53, 54, 55, 57 and 63: what only a whole program can show, as it dies, ends, or is written in TypeScript.

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Gate, until } from "../gate.js";
import { createWorkspace } from "../runtimes/workspace.js";
import type { ConformanceCase, Rung } from "./rung.js";

const PROGRAM = fileURLToPath(new URL("../fixtures/pool-program.js", import.meta.url));
const TSX = pathToFileURL(resolve("node_modules/tsx/dist/loader.mjs")).href;

/** A running program, in a group and with a folder for temporary files of its own. */
class Program {
  readonly gate: Gate = new Gate();
  readonly child: ChildProcess;
  output = "";
  errors = "";
  readonly #mark: string = randomUUID();
  readonly #temporary: string = mkdtempSync(join(tmpdir(), "dure-program-"));

  constructor(rung: Rung, what: string) {
    this.child = spawn(process.execPath, [PROGRAM, rung.name.split(" ")[0] as string, what, this.gate.folder], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: { ...process.env, DURE_TEST_MARK: this.#mark, TMPDIR: this.#temporary },
    });
    this.child.stdout?.on("data", (chunk) => (this.output += chunk));
    this.child.stderr?.on("data", (chunk) => (this.errors += chunk));
  }

  /** As a terminal does: to the whole group. */
  interrupt(): void {
    process.kill(-(this.child.pid as number), "SIGINT");
  }

  /** Exit code and signal. */
  async end(): Promise<[number | null, string | null]> {
    return (await once(this.child, "close")) as [number | null, string | null];
  }

  /** Where the system shows them: the processes of the program, itself included. */
  #processes(): string[] {
    if (process.platform !== "linux") return [];
    return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && textOf(`/proc/${pid}/environ`).includes(this.#mark));
  }

  /** Waits until no process of the program is left, then sees that it left nothing else. */
  async leavesNothing(): Promise<void> {
    const end = Date.now() + 2_000;
    while (this.#processes().length > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(this.#processes(), []);
    assert.deepEqual(readdirSync(this.#temporary), []);
    if (process.platform === "linux")
      assert.deepEqual(
        readdirSync("/dev/shm").filter((name) => name.includes("dure")),
        [],
      );
  }

  remove(): void {
    this.gate.remove();
    rmSync(this.#temporary, { recursive: true, force: true });
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

async function withProgram(rung: Rung, what: string, body: (program: Program) => Promise<void>): Promise<void> {
  const program = new Program(rung, what);
  try {
    await body(program);
  } finally {
    program.child.kill("SIGKILL");
    program.remove();
  }
}

export const programCases: readonly ConformanceCase[] = [
  {
    rule: "8",
    fact: "a failure that nobody looks at is reported as Node reports unhandled rejections, a cancelled task is not",
    run: (rung) =>
      withProgram(rung, "unobserved", async (program) => {
        assert.deepEqual(await program.end(), [1, null], program.errors);
        assert.match(program.errors, /OrderError: Order 5 failed/);
        assert.doesNotMatch(program.errors, /CancelledError/);
        await program.leavesNothing();
      }),
  },
  {
    rule: "43",
    fact: "errors of a finished task's leftovers hit no other task, and are reported",
    run: (rung) =>
      withProgram(rung, "leftovers", async (program) => {
        assert.deepEqual(await program.end(), [0, null], program.errors);
        assert.deepEqual(program.output.trim().split("\n"), ["reported rejected by a leftover", "reported thrown by a leftover", "unhurt 9"]);
      }),
  },
  {
    rule: "53",
    fact: "the program is killed while a task computes: all of it is gone within 2 s",
    run: (rung) =>
      withProgram(rung, "spin", async (program) => {
        await program.gate.begun(1);
        process.kill(program.child.pid as number, "SIGKILL");
        assert.deepEqual(await program.end(), [null, "SIGKILL"]);
        await program.leavesNothing();
      }),
  },
  {
    rule: "54",
    fact: "an interrupt ends the program as Node does, which shells show as 130, and its workers",
    run: (rung) =>
      withProgram(rung, "hold", async (program) => {
        await program.gate.begun(1);
        program.interrupt();
        assert.deepEqual(await program.end(), [null, "SIGINT"]);
        await program.leavesNothing();
      }),
  },
  {
    rule: "54",
    fact: "with an application's own handler the work goes on, and the program ends as that wants",
    run: (rung) =>
      withProgram(rung, "handlesInterrupts", async (program) => {
        await program.gate.begun(1);
        program.interrupt();
        await until(() => program.output.includes("interrupted"));
        program.gate.open();
        assert.deepEqual(await program.end(), [3, null], program.errors);
        assert.equal(program.output, "interrupted\n21 4\n");
        await program.leavesNothing();
      }),
  },
  {
    rule: "54",
    fact: "a second interrupt ends it at once",
    run: (rung) =>
      withProgram(rung, "handlesInterrupts", async (program) => {
        await program.gate.begun(1);
        program.interrupt();
        await until(() => program.output.includes("interrupted"));
        program.interrupt();
        assert.deepEqual(await program.end(), [null, "SIGINT"]);
        await program.leavesNothing();
      }),
  },
  {
    rule: "55",
    fact: "the clean path writes nothing to stderr, and leaves nothing",
    run: (rung) =>
      withProgram(rung, "clean", async (program) => {
        assert.deepEqual(await program.end(), [0, null]);
        assert.deepEqual([program.output, program.errors], ["[ 1, 4, 9 ]\n", ""]);
        await program.leavesNothing();
      }),
  },
  {
    rule: "57",
    fact: "a program that forgets to shut down an idle pool still ends",
    run: (rung) =>
      withProgram(rung, "forgets", async (program) => {
        assert.deepEqual(await program.end(), [0, null]);
        assert.deepEqual([program.output, program.errors], ["4\n", ""]);
        await program.leavesNothing();
      }),
  },
  {
    rule: "63",
    fact: "a function of a .ts module works with no build step",
    run: async (rung) => {
      const workspace = createWorkspace({ type: "module" });
      try {
        workspace.write("twice.ts", "export function twice(n: number): number {\n  return n * 2;\n}\n");
        workspace.write(
          "main.ts",
          `import { createExecutor } from "dure";
import { twice } from "./twice.ts";
const executor = createExecutor(process.argv[2] as string);
const plusOne = (n: number): number => twice(n) + 1;
console.log(await executor.submit(twice, 21), await executor.submit(plusOne, 3));
await executor.shutdown();
`,
        );
        const readsTypeScript = "typescript" in process.features && process.features.typescript !== false;
        const flags = readsTypeScript ? ["--disable-warning=ExperimentalWarning"] : ["--import", TSX];
        assert.equal((await workspace.node([...flags, "main.ts", rung.name.split(" ")[0] as string])).trim(), "42 7");
      } finally {
        workspace.remove();
      }
    },
  },
];
