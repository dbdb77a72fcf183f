// What every rung promises holds for closures that are noted: the cases of one that packs all, with the flag.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const CASES = fileURLToPath(new URL("../conformance/serial-isolated.test.js", import.meta.url));

test("the cases of the serial rung that copies pass", () => {
  // Told of the tests around it, it would report to them.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const flags = ["--conditions=dure-modules", "--import", "dure/captures", "--test-reporter=tap"];
  const { status, stdout } = spawnSync(process.execPath, [...flags, CASES], { encoding: "utf8", env });
  assert.equal(status, 0, stdout);
  assert.ok(Number(/^# pass (\d+)$/m.exec(stdout)?.[1]) > 100, stdout);
});
