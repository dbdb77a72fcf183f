// Every rule of the list has a case that runs on each rung, or is said here to have its test elsewhere.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { allCases } from "./all-cases.js";

const RULES: readonly string[] = [...Array.from({ length: 65 }, (_, index) => String(index + 1)), "62a"];

/** Rules that are not about a rung, each with the reason and the test that keeps it. */
const ELSEWHERE: Readonly<Record<string, readonly [reason: string, test: string]>> = {
  "7": ["futures are the same object on every rung, and what is reported shows in a program of its own", "contract/unhandled.test.js"],
  "26": ["options are checked before there is a worker", "executors/create-executor.test.js"],
  "34": ["the number of cores is found without a worker", "executors/pooled/available-cores.test.js"],
  "64": ["all rungs share one pool, and only a clock that a test moves makes durations exact", "pool/durations.test.js"],
};

test("every rule has a case, or a reason and a test elsewhere", () => {
  const covered = new Set(allCases.map(({ rule }) => rule));
  assert.deepEqual(
    RULES.filter((rule) => !covered.has(rule) && ELSEWHERE[rule] === undefined),
    [],
  );
});

test("no rule that has a case is said to have none, and the tests elsewhere exist", () => {
  for (const [rule, [, path]] of Object.entries(ELSEWHERE)) {
    assert.ok(!allCases.some((conformance) => conformance.rule === rule), rule);
    assert.ok(existsSync(fileURLToPath(new URL(`../${path}`, import.meta.url))), path);
  }
});
