// Every case, and the check that a rung leaves nothing behind.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { readdirSync, readFileSync } from "node:fs";
import { isLongForm } from "../chaos.js";
import { batchingCases } from "./batching.js";
import { failureCases } from "./failures.js";
import { futureCases } from "./futures.js";
import { largeMessageCases } from "./large-messages.js";
import { mappingCases } from "./mapping.js";
import { programCases } from "./programs.js";
import type { ConformanceCase, Rung } from "./rung.js";
import { testConformance } from "./rung.js";
import { shutdownCases } from "./shutdown.js";
import { timeCases } from "./time.js";
import { valueCases } from "./values.js";
import { waitingCases } from "./waiting.js";
import { workerCases } from "./workers.js";

export const allCases: readonly ConformanceCase[] = [
  ...futureCases,
  ...waitingCases,
  ...mappingCases,
  ...workerCases,
  ...valueCases,
  ...failureCases,
  ...largeMessageCases,
  ...batchingCases,
  ...timeCases,
  ...shutdownCases,
  ...programCases,
];

/** For another way of carrying messages. In short form what depends most on when and in which order they come. */
export const messagingCases: readonly ConformanceCase[] = isLongForm ? allCases : [...batchingCases, ...failureCases];

/** Runs the cases over the rung. Afterwards no worker, handle or timer is left. */
export function testRung(rung: Rung, cases: readonly ConformanceCase[] = allCases): void {
  let resources: string[];
  before(() => {
    resources = process.getActiveResourcesInfo();
  });
  testConformance(rung, cases);
  after(async () => {
    // Handles and helper processes end soon after what they belonged to. What is left after a second is left for good.
    const isClean = (): boolean => newResources(resources).length === 0 && childProcesses().length === 0;
    for (let wait = 0; wait < 100 && !isClean(); wait += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(newResources(resources), []);
    // The shell that guards worker processes ends by itself, once it has heard that there are none.
    for (const end = Date.now() + 5_000; childProcesses().length > 0 && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(childProcesses(), []);
  });
}

/** What the event loop has to wait for and did not before. */
function newResources(before: readonly string[]): string[] {
  const known = [...before, "Immediate"];
  return process.getActiveResourcesInfo().filter((name) => {
    const index = known.indexOf(name);
    if (index >= 0 && name !== "Immediate") known.splice(index, 1);
    return index < 0;
  });
}

/** Where the system shows them. */
function childProcesses(): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/task").flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, "utf8")
      .split(" ")
      .filter((pid) => pid !== ""),
  );
}
