// task(): an export named by its module, for runtimes that cannot look into functions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { task } from "dure";
import { dissect } from "#dure/codec/functions/dissect.js";
import type * as fixture from "../../fixtures/functions/exports.ts";
import { roundTrip } from "./round-trip.ts";

const MODULE = new URL("../../fixtures/functions/exports.js", import.meta.url);

test("task() crosses as the export that it names", async () => {
  const gcd = task<typeof fixture.gcd>(MODULE, "gcd");
  const dissected = dissect(gcd, "fn", "task", new Map());
  assert.ok(dissected.kind === "whole" && dissected.template.kind === "reference");
  assert.deepEqual([dissected.template.module, dissected.template.path], [MODULE.href, ["gcd"]]);
  assert.equal(gcd.name, "gcd");
  assert.equal(await (await roundTrip(gcd))(12, 18), 6);
});

test("task() called here imports the module and calls the export", async () => {
  const result: number = await task<typeof fixture.gcd>(MODULE.href, "gcd")(12, 18);
  assert.equal(result, 6);
});

test("task() says what the module exports if the name is wrong", async () => {
  await assert.rejects(task(MODULE, "gdc")(), /no function named "gdc"; it exports .*gcd/);
});

test("a receiver that lacks the export says so", async () => {
  await assert.rejects(roundTrip(task(MODULE, "gdc")), /Cannot find "gdc" in .*exports\.js, where the sender has it/);
});

test("task() refuses what is no URL or no name", () => {
  assert.throws(() => task("./relative.ts", "x"), TypeError);
  assert.throws(() => task(MODULE, ""), TypeError);
});
