// The scope analysis, by table: source, and the names that it takes from around it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseProgram } from "#dure/codec/functions/parser.js";
import { analyseScopes, freeReferences, type ScopeAnalysis } from "#dure/codec/functions/scope-analysis.js";

/** The analysis of `const subject = ${source}` and the names free in it. */
function analyse(source: string, strict = true): { analysis: ScopeAnalysis; free: string[] } {
  const program = parseProgram(`(${source});`, strict ? "module" : "script");
  const analysis = analyseScopes(program, strict);
  const subject = analysis.functions[0]?.node;
  assert.ok(subject);
  return { analysis, free: [...new Set(freeReferences(analysis, subject).map(({ name }) => name))] };
}

const TABLE: readonly [source: string, free: readonly string[]][] = [
  ["(x) => x + y", ["y"]],
  ["(x) => { var x; return x; }", []],
  ["() => { x; var x; }", []],
  ["() => { { let x; } return x; }", ["x"]],
  ["() => { { var x; } return x; }", []],
  ["() => { if (a) { function f() {} } f(); }", ["a", "f"]],
  ["() => { f(); function f() {} }", []],
  ["() => { for (let i = 0; i < n; i++) {} return i; }", ["n", "i"]],
  ["() => { for (var i = 0; i < n; i++) {} return i; }", ["n"]],
  ["() => { for (const k of list) k; for (const k in map) k; }", ["list", "map"]],
  ["() => { for (k of list) {} }", ["k", "list"]],
  ["() => { for ([a, b.c] of list) {} }", ["a", "b", "list"]],
  ["() => { try {} catch (e) { e; } e; }", ["e"]],
  ["() => { try {} catch ({ message, ...rest }) { message; rest; } }", []],
  ["() => { try {} catch { e; } }", ["e"]],
  ["({ a, b: c, ...d }) => [a, b, c, d]", ["b"]],
  ["([a, , b = c, ...d]) => [a, b, d]", ["c"]],
  ["({ [key]: value = other }) => value", ["key", "other"]],
  ["(a, b = a) => b", []],
  ["(a = x) => { var x = 1; return a + x; }", ["x"]],
  ["(a = () => x) => { let x; return a; }", ["x"]],
  ["function f() { return f; }", []],
  ["function f() { var f; return f; }", []],
  ["class A { m() { return A; } }", []],
  ["class A extends B { [k]() {} static x = y; #z = w; static { v; } }", ["B", "k", "y", "w", "v"]],
  ["class { constructor(a = b) { this.c = a; } get d() { return e; } }", ["b", "e"]],
  ["() => ({ a, b: c, [d]: e, f() { return g; }, get h() { return i; } })", ["a", "c", "d", "e", "g", "i"]],
  ["() => a.b.c[d]?.e", ["a", "d"]],
  ["() => { outer: for (;;) { break outer; } }", []],
  ["() => { ({ a, b: c.d, e: [f] } = g); }", ["a", "c", "f", "g"]],
  ["() => { [a = b] = c; }", ["a", "b", "c"]],
  ["() => { a++; delete b.c; typeof d; }", ["a", "b", "d"]],
  ["() => `${a}${b`${c}`}`", ["a", "b", "c"]],
  ["async () => { for await (const x of y) await x; }", ["y"]],
  ["function* () { yield* a; }", ["a"]],
  ["() => { switch (a) { case b: let c; } return c; }", ["a", "b", "c"]],
  ["() => { class A {} new A(); { class B {} } B; }", ["B"]],
  ["() => function inner() { return inner; }", []],
  ["() => { const f = function g() {}; return g; }", ["g"]],
  ["(a) => (b) => a + b + c", ["c"]],
  ["() => { let x = 1; { let x = y; } }", ["y"]],
  ["() => import(a)", ["a"]],
  ["() => import.meta.url", []],
  ["function () { return () => new.target; }", []],
  ["() => /x/.test(a)", ["a"]],
  ["() => { const { a = b, ...c } = d; }", ["b", "d"]],
  ["() => ((a, b) => a)(b)", ["b"]],
  ["() => { label: { x; } }", ["x"]],
  ["() => a ?? (b ||= c)", ["a", "b", "c"]],
  ["() => #p in a", ["a"]],
  ["(...rest) => rest", []],
  ["() => { using a = b; }", ["b"]],
];

for (const [source, free] of TABLE) {
  test(`free names of ${source}`, () => {
    assert.deepEqual(analyse(source).free, free);
  });
}

test("a sloppy function of a block is a variable of the function around it", () => {
  assert.deepEqual(analyse("function () { if (a) { function f() {} } f(); }", false).free, ["a"]);
});

test("names in a with statement are found as if it were not there", () => {
  const { analysis, free } = analyse("function () { with (a) { b; } }", false);
  assert.deepEqual(free, ["a", "b"]);
  assert.deepEqual(
    analysis.unanalysable.map(({ what }) => what),
    ["with"],
  );
});

test("uses are told apart: written, called, one member read", () => {
  const { analysis } = analyse("() => { a = 1; b.c; d.e(); f(); ({ g }); h.i = 1; j++; }");
  const uses = Object.fromEntries(
    analysis.references.map(({ name, reads, writes, member, memberCalled, called, shorthand }) => [
      name,
      { reads, writes, member, memberCalled, called, shorthand },
    ]),
  );
  const plain = { reads: true, writes: false, member: undefined, memberCalled: false, called: false, shorthand: false };
  assert.deepEqual(uses, {
    a: { ...plain, reads: false, writes: true },
    b: { ...plain, member: "c" },
    d: { ...plain, member: "e", memberCalled: true },
    f: { ...plain, called: true },
    g: { ...plain, shorthand: true },
    h: plain,
    j: { ...plain, writes: true },
  });
});

test("this, super and arguments belong to the function, field or block that has them", () => {
  const program = parseProgram("class A { x = () => this; m() { return () => [this, super.m, arguments]; } static { this; } }", "module");
  const uses = analyseScopes(program, true).contextUses.map(({ what, owner }) => [what, owner.type]);
  assert.deepEqual(uses, [
    ["this", "PropertyDefinition"],
    ["this", "FunctionExpression"],
    ["super", "FunctionExpression"],
    ["arguments", "FunctionExpression"],
    ["this", "StaticBlock"],
  ]);
});

test("a transpiler's helper only hands this on", () => {
  const program = parseProgram(
    "function f() { return __awaiter(this, void 0, void 0, function* () {}); } function g() { return h.apply(this, arguments); } function k() { return other(this); }",
    "script",
  );
  assert.deepEqual(
    analyseScopes(program, false)
      .contextUses.filter(({ what }) => what === "this")
      .map(({ passedOn }) => passedOn),
    [true, true, false],
  );
});

test("what a transpiler's helper hands on to a function that uses it is a use", () => {
  const program = parseProgram(
    "const f = () => __awaiter(this, void 0, void 0, function* () { return this.x; }); const g = () => h.apply(this, [1]); const k = () => __async(this, null, function* () { return __async(this, null, function* () {}); });",
    "module",
  );
  const outer = analyseScopes(program, true).contextUses.filter(({ owner }) => owner.type === "Program");
  assert.deepEqual(
    outer.map(({ what, passedOn }) => [what, passedOn]),
    [
      ["this", false],
      ["this", false],
      ["this", true],
    ],
  );
});

test("imports and exports bind names", () => {
  const program = parseProgram('import a, { b as c, "d-e" as f } from "x"; import * as g from "y"; export { a as z }; export * from "w"; c; f; g;', "module");
  const { programScope, references } = analyseScopes(program, true);
  assert.deepEqual(
    [...programScope.bindings.values()].map(({ name, imported }) => [name, imported?.source, imported?.name]),
    [
      ["a", "x", "default"],
      ["c", "x", "b"],
      ["f", "x", "d-e"],
      ["g", "y", "*"],
    ],
  );
  assert.ok(references.every(({ binding }) => binding !== undefined));
});
