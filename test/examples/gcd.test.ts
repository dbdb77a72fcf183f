import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const SCRIPTS = ["run-serial.ts", "run-threads.ts", "run-processes.ts"].map((name) => `examples/gcd/${name}`);

for (const script of SCRIPTS) {
  test(`${script} finds the divisors and prints the seconds taken`, async () => {
    const { stdout, stderr } = await run(process.execPath, ["--import", "tsx", script]);
    assert.match(stdout, /^Took \d+\.\d{3} seconds\n$/);
    assert.equal(stderr, "");
  });
}

test("the gcd examples differ in one line each", () => {
  const [serial, ...others] = SCRIPTS.map((script) => readFileSync(script, "utf8").split("\n"));
  for (const other of others) {
    assert.equal(other.length, serial?.length);
    assert.equal(other.filter((line, index) => line !== serial?.[index]).length, 1);
  }
});
