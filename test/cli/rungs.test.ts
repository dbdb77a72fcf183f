import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRungs } from "#dure/cli/rungs.js";

test("parseRungs() gives the rungs in the order of the table, each once", () => {
  assert.deepEqual(parseRungs("processes, serial,processes"), ["serial", "processes"]);
});

test("parseRungs() names the rung that was meant", () => {
  assert.throws(() => parseRungs("serial,thread"), {
    name: "UsageError",
    message: /Unknown rung "thread": did you mean threads\. --rungs takes some of serial, async, threads, processes/,
  });
  assert.throws(() => parseRungs("ray"), { name: "UsageError", message: /Unknown rung "ray"\. --rungs/ });
  assert.throws(() => parseRungs(" , "), { name: "UsageError", message: /Cannot compare nothing/ });
});
