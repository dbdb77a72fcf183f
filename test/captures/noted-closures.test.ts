// What is read of a noted closure is what the inspector shows of the same closure.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import vm from "node:vm";
import * as fc from "fast-check";
import { annotate } from "#dure/captures/annotate.js";
import { dissect } from "#dure/codec/functions/dissect.js";
import type { SourceFunction } from "#dure/codec/functions/dissected.js";
import { readClosure } from "#dure/codec/functions/noted-closures.js";
import { randomBody } from "../codec/functions/random-body.ts";
import { submitted, type AnyFunction } from "./submitted.ts";

/** All that says how a function crosses; `template` says the same by the text, and not by the number. */
function crossing(fn: AnyFunction): string {
  const { template, ...dissected } = dissect(fn, "fn", "task", new Map()) as SourceFunction;
  return inspect({ ...dissected, template: { ...template, id: 0 } }, { depth: 8 });
}

/** `source` submits closures of one place, several times. */
function readsAlike(source: string): void {
  const annotated = annotate(source, false);
  assert.ok(annotated !== undefined, source);
  const expected = submitted(source).map((fn) => crossing(fn));
  const noted = submitted(annotated);
  const first = noted[0] as AnyFunction;
  assert.equal(readClosure(first), undefined);
  crossing(first);
  for (const [index, fn] of noted.entries()) {
    if (index > 0) assert.ok(readClosure(fn) !== undefined, source);
    assert.equal(crossing(fn), expected[index]);
  }
}

const PROGRAMS: readonly [what: string, source: string][] = [
  ["variables of the module that functions assign", "let n = 0; for (const x of [1, 2]) { n++; pool.submit(() => [n++, x]); }"],
  ["values of a loop", "const y = { deep: [1] }; for (let x = 0; x < 3; x++) pool.submit(() => [x, y.deep]);"],
  [
    "functions and builtins",
    "const { max } = Math; const fs = require('node:fs'); const f = (a) => a; for (const x of [1, 2]) pool.submit((a) => max(a, f(x), fs.constants.R_OK));",
  ],
  [
    "parameters, catches and patterns",
    "const run = (a, { b }, ...c) => { try { throw 4; } catch (d) { pool.submit(() => [a, b, c, d]); } }; run(1, { b: 2 }, 3); run(5, { b: 6 }, 7);",
  ],
  ["variables that change where they are declared", "let x = 1; const run = (y) => pool.submit(() => [x, y]); run(1); x = 2; run(2);"],
  [
    "properties that are read",
    "const config = { a: 1, b: { c: 2 }, never: new WeakMap() }; for (const x of [1, 2]) pool.submit(() => config.a + config.b.c + x);",
  ],
  ["what CommonJS gives", "exports.f = (a) => a; for (const x of [1, 2]) pool.submit(() => exports.f(require('node:os').EOL + x));"],
  ["functions with names, prototypes and generators", "for (const x of [1, 2]) pool.submit(async function* named(a) { yield [a, x, named.name]; });"],
  ["undefined, null, symbols and big integers", "for (const x of [undefined, null, Symbol.iterator, 5n, NaN, -0]) pool.submit(() => x);"],
  ["strict functions", "'use strict'; for (const x of [1, 2]) pool.submit(function () { return [this, x]; });"],
  ["nothing", "for (let x = 0; x < 2; x++) pool.submit((a) => Math.max(a, 1));"],
];

describe("a noted closure is read as the inspector shows it", () => {
  for (const [what, source] of PROGRAMS) test(what, () => readsAlike(source));
});

test("random closures are read as the inspector shows them", () => {
  const programs = randomBody.map((body) => body.replace(/return \(\) => (\{[^]*?return JSON\.stringify\([^]*?\); \});/, "pool.submit(() => $1);"));
  let read = 0;
  fc.assert(
    fc.property(programs, (text) => {
      const source = `let a = 10, b = 20, c = 30; for (let round = 0; round < 3; round++) (() => { ${text} })();`;
      if (annotate(source, false) === undefined) return;
      read += 1;
      readsAlike(source);
    }),
    { numRuns: 60 },
  );
  assert.ok(read > 0);
});

test("a property that a closure was given is seen", () => {
  const [first, second] = submitted(annotate("for (const x of [1, 2]) pool.submit(() => x);", false) ?? "") as [AnyFunction, AnyFunction];
  crossing(first);
  Object.assign(second, { extra: 5 });
  assert.equal(readClosure(second), undefined);
  assert.equal((dissect(second, "fn", "task", new Map()) as SourceFunction).properties[0]?.value, 5);
});

test("closures that are given properties nobody can list are left to the inspector", () => {
  const [first, second] = submitted(annotate("for (const x of [1, 2]) pool.submit(() => x);", false) ?? "") as [AnyFunction, AnyFunction];
  for (const fn of [first, second]) Object.defineProperty(fn, "hidden", { value: 5 });
  crossing(first);
  assert.equal(readClosure(second), undefined);
});

test("a closure has the text, the name and the length that it was written with", () => {
  const source = "const x = 1; pool.submit((a, b) => a + b + x); pool.submit(function named(a = 1) { return a + x; });";
  const describeAll = (functions: readonly AnyFunction[]): unknown[] => functions.map((fn) => [String(fn), fn.name, fn.length, Reflect.ownKeys(fn)]);
  assert.deepEqual(describeAll(submitted(annotate(source, false) ?? "")), describeAll(submitted(source)));
});

test("a variable that is not initialised yet is refused by its name", () => {
  const source = "for (const isEarly of [false, true]) { const run = () => pool.submit(() => late); if (isEarly) run(); const late = 1; if (!isEarly) run(); }";
  const pool = { submit: (fn: AnyFunction) => crossing(fn) };
  const run = vm.compileFunction(annotate(source, false) ?? "", ["pool"]) as (pool: object) => void;
  assert.throws(() => run(pool), /variable "late" is not initialised yet/);
});

test("a source that another loader has rewritten after it was annotated is noted in no more", () => {
  const rewritten =
    annotate("for (const x of [1, 2]) pool.submit(() => x);", false)?.replace("function $dure(fn, read, site) {", "function $dure(fn, read, site) { ;") ?? "";
  const [first, second] = submitted(rewritten.replace(/\/\/# dure=.*/, "")) as [AnyFunction, AnyFunction];
  crossing(first);
  assert.equal(readClosure(second), undefined);
});
