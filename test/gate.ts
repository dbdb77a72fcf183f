// Holds tasks until the test says so, on every rung: a folder in which each held task says that it has begun and looks
// for the word to go on. Tests wait for what happens, never for a time.

import { execFileSync } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Gate {
  /** What held tasks are given. */
  readonly folder: string = mkdtempSync(join(tmpdir(), "dure-gate-"));

  /** Waits until this many tasks in all have begun. */
  async begun(count: number): Promise<void> {
    await until(() => this.count() >= count);
  }

  /** Tasks that have begun. */
  count(): number {
    return readdirSync(this.folder).filter((name) => name.startsWith("begun-")).length;
  }

  /** Held tasks whose signal told them to stop. */
  told(): number {
    return readdirSync(this.folder).filter((name) => name.startsWith("aborted-")).length;
  }

  /** Held tasks that have gone on and said so. */
  ended(): number {
    return readdirSync(this.folder).filter((name) => name.startsWith("ended-")).length;
  }

  /** A pipe that holds whoever opens it to read, in a native call, until the gate is open. */
  createPipe(): string {
    const pipe = join(this.folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    return pipe;
  }

  /** Lets all go on, those that come later too. */
  open(): void {
    if (!existsSync(this.folder)) return;
    writeFileSync(join(this.folder, "open"), "");
    if (existsSync(join(this.folder, "pipe"))) openToWrite(join(this.folder, "pipe"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function openToWrite(pipe: string): void {
  try {
    closeSync(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch (error) {
    // Nobody is held: the process has been killed.
    if ((error as { code?: unknown }).code !== "ENXIO") throw error;
  }
}

/** Waits until the condition holds. The test's own time limit ends it if it never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
