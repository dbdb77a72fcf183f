// Holds tasks until the test says so, on every rung: a folder in which each held task says that it has begun and looks
// for the word to go on. Tests wait for what happens, never for a time.

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
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

  /** Lets all go on, those that come later too. */
  open(): void {
    if (existsSync(this.folder)) writeFileSync(join(this.folder, "open"), "");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until the condition holds. The test's own time limit ends it if it never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
