// Which tasks share a function that workers are sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PackedFunction } from "#dure/codec/crossing.js";
import { RunTime } from "#dure/policy/run-times.js";
import { SentFunctions } from "#dure/pool/sent-function.js";

function packed(key: PackedFunction["key"], constant: boolean): PackedFunction {
  return { value: 1, coded: false, templates: [], transfer: [], name: "work", key, constant };
}

function functions(): SentFunctions {
  return new SentFunctions({ withdraw: () => false }, () => new RunTime());
}

test("functions that are not constant are shared while tasks use them, also if they come by turns", () => {
  const sent = functions();
  const [one, other] = [packed(1, false), packed(1, false)];
  const [first, second] = [sent.of(one), sent.of(other)];
  assert.notEqual(first, second);
  assert.deepEqual([sent.of(one) === first, sent.of(other) === second], [true, true]);
  first.drop();
  assert.equal(sent.of(one), first);
  first.drop();
  first.drop();
  assert.notEqual(sent.of(one), first);
  assert.equal(sent.of(other), second);
});

test("constant functions are kept by their key, unless it is an object: that might be the function", () => {
  const sent = functions();
  const byNumber = sent.of(packed(1, true));
  byNumber.drop();
  assert.equal(sent.of(packed(1, true)), byNumber);
  const key = {};
  const byObject = sent.of(packed(key, true));
  assert.equal(sent.of(packed(key, true)), byObject);
  byObject.drop();
  byObject.drop();
  assert.notEqual(sent.of(packed(key, true)), byObject);
});

test("a function that makes tasks' functions says so to workers", () => {
  assert.equal(functions().of({ ...packed(1, false), given: 2 }).wire.given, 2);
  assert.equal("given" in functions().of(packed(1, false)).wire, false);
});
