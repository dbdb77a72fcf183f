// In programs of their own, as the test runner takes every unhandled rejection for a failed test.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const program = fileURLToPath(new URL("../fixtures/unhandled-futures.js", import.meta.url));

async function reportsOf(scenario: string): Promise<string[]> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, scenario]);
  assert.equal(stderr, "");
  return stdout.split("\n").filter((line) => line !== "");
}

test("8. A failed future that nobody observed is an unhandled rejection", async () => {
  assert.deepEqual(await reportsOf("failed"), ["unhandled: nobody looks"]);
});

test("8. A cancelled future that nobody observed is not", async () => {
  assert.deepEqual(await reportsOf("cancelled"), []);
  assert.deepEqual(await reportsOf("cancelledWithReason"), []);
  assert.deepEqual(await reportsOf("done"), []);
});

test("8. A failed future that is observed within the turn is not", async () => {
  assert.deepEqual(await reportsOf("observedLater"), []);
  assert.deepEqual(await reportsOf("exceptionRead"), []);
});

test("8. A failure that only a derived promise knows of is reported once", async () => {
  assert.deepEqual(await reportsOf("derived"), ["unhandled: nobody looks"]);
});

test("8. Reading a future's constructor is not observing its failure", async () => {
  assert.deepEqual(await reportsOf("constructorReadThenFailed"), ["unhandled: nobody looks"]);
  assert.deepEqual(await reportsOf("constructorReadThenCancelled"), []);
  assert.deepEqual(await reportsOf("constructorReadOfTakenChargeOf"), []);
});

test("8. A failure while the future is awaited is the awaiter's", async () => {
  assert.deepEqual(await reportsOf("awaitedAndCaught"), []);
});

test("8. A failure after a wait that timed out is reported", async () => {
  assert.deepEqual(await reportsOf("waitTimedOut"), ["unhandled: nobody looks"]);
});

test("7. A callback that throws is reported and the next still runs", async () => {
  assert.deepEqual(await reportsOf("throwingCallback"), ["next callback", "unhandled: nobody looks"]);
});

test("A map that nobody looks at reports its first failure; one that collects or is awaited does not", async () => {
  assert.deepEqual(await reportsOf("map"), ["unhandled: nobody looks"]);
  assert.deepEqual(await reportsOf("mapCollects"), []);
  assert.deepEqual(await reportsOf("mapAwaitedAtOnce"), []);
});
