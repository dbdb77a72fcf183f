// What is reported as an unhandled rejection while a fault is tried. The test runner would take each for a failed test.

import assert from "node:assert/strict";
import { until } from "../gate.ts";

let heard: unknown[] = [];

/** From now on, and until the program ends. Called once tests run: the runner has its listener by then. */
export function hearReports(): void {
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) => void heard.push(reason));
}

/** Waits until the report has come that is expected, if one is, and sees that no other has. */
export async function assertReported(expected: RegExp | undefined): Promise<void> {
  if (expected !== undefined) await until(() => heard.length > 0);
  // What is reported takes two turns of the event loop.
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  const messages = heard.map((reason) => (reason instanceof Error ? reason.message : String(reason)));
  heard = [];
  if (expected === undefined) return assert.deepEqual(messages, []);
  assert.equal(messages.length, 1, messages.join("; "));
  assert.match(messages[0] as string, expected);
}
