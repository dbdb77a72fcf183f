// Makes a test of each cell of one rung. The cells of a stage share a pool while it lasts; what a pool leaves behind is
// looked at when it has been closed.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isLongForm, shuffled } from "../chaos.ts";
import { CellTester, open } from "./cell.ts";
import { FAULTS } from "./fixtures/commit.ts";
import { CleanState } from "./left-behind.ts";
import { cellsOf, STAGES, type Cell, type DeathPolicy, type RungName, type Stage } from "./matrix.ts";
import { hearReports } from "./reports.ts";

const POLICIES: readonly DeathPolicy[] = ["replace", "break"];

/** `portion`: one in so many cells is tried each time. */
export function tryCells(rung: RungName, portion = 6): void {
  // Other test files run beside this one.
  const ownFolder = mkdtempSync(join(tmpdir(), "dure-faults-"));
  process.env["TMPDIR"] = ownFolder;
  after(() => rmSync(ownFolder, { recursive: true }));
  for (const policy of POLICIES) {
    for (const stage of STAGES) {
      const cells = shuffled(
        `${rung} ${policy} ${stage}`,
        cellsOf(rung, policy, stage).filter((cell) => isLongForm || isTriedEachTime(cell, portion)),
      );
      if (cells.length > 0) test(`${rung}, ${policy}, ${stage}`, (context) => tryStage(context, rung, policy, stage, cells));
    }
  }
}

interface Subtests {
  test(name: string, body: () => Promise<void>): Promise<void>;
}

async function tryStage(context: Subtests, rung: RungName, policy: DeathPolicy, stage: Stage, cells: readonly Cell[]): Promise<void> {
  hearReports();
  const tester = new CellTester(rung, policy, await CleanState.after(open(rung, { maxWorkers: 2 })));
  for (const cell of cells) await context.test(`${cell.fault}, ${stage}: ${cell.outcome.kind}`, () => tester.test(cell));
  await context.test("nothing is left", () => tester.close());
}

/** Every stage with every policy, and every fault at some of them: those that take long at few. */
function isTriedEachTime({ stage, policy, fault, outcome }: Cell, portion: number): boolean {
  const place = FAULTS.indexOf(fault) + STAGES.indexOf(stage) + POLICIES.indexOf(policy) * 2;
  // These take 5 s each.
  if (outcome.kind === "delays the end" || (stage === "importing" && outcome.kind === "runs out of time")) return false;
  if (outcome.kind === "breaks the pool") return fault === "throw" || (fault === "exit 3" && policy === "replace");
  return place % portion === 0;
}
