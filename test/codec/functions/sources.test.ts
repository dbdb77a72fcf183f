// Odd sources: shapes of functions whose text or variables need care to stand alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { roundTrip } from "./round-trip.ts";

type AnyFunction = (...args: never[]) => unknown;

/** Evaluates code of its own script in this thread. */
function evaluate(source: string, options: vm.RunningScriptOptions = {}): AnyFunction {
  return vm.runInThisContext(source, options) as AnyFunction;
}

const SHAPES: readonly [what: string, source: string, args: readonly unknown[], result: unknown][] = [
  ["a shorthand method", "({ meth(x) { return x + 1; } }).meth", [1], 2],
  ["a method with a computed name", "({ ['a' + 'b'](x) { return x + 1; } }).ab", [1], 2],
  ["a method with a string name", "({ 'a-b'(x) { return x + 1; } })['a-b']", [1], 2],
  ["a method with a symbol name", "({ [Symbol.iterator](x) { return x + 1; } })[Symbol.iterator]", [1], 2],
  ["a getter's function", "Object.getOwnPropertyDescriptor({ get a() { return 5; } }, 'a').get", [], 5],
  ["a static method", "(class { static m(x) { return x * 2; } }).m", [2], 4],
  ["a prototype's method without this", "(class { m(x) { return x * 2; } }).prototype.m", [2], 4],
  ["a named function expression", "(function fact(n) { return n < 2 ? 1 : n * fact(n - 1); })", [5], 120],
  ["an anonymous function", "(function (x) { return x; })", [5], 5],
  ["default parameters", "(() => { const k = 3; return (a, b = a + k, { c = b } = {}) => [a, b, c]; })()", [1], [1, 4, 4]],
  ["destructured parameters", "(({ a, ...rest }, [b, , c = 9]) => [a, rest, b, c])", [{ a: 1, z: 2 }, [3]], [1, { z: 2 }, 3, 9]],
  ["a shadowed name", "(() => { const x = 1; return (y) => { { const x = 5; y += x; } return y + x; }; })()", [1], 7],
  ["its own arguments", "(function () { return arguments.length; })", [1, 2, 3], 3],
  ["an inner arrow's arguments", "(function () { return (() => arguments.length)(); })", [1, 2, 3], 3],
  ["an arrow whose body is an object", "((x) => ({ x }))", [1], { x: 1 }],
  ["a comment in odd places", "(function /* ( */ f /* a */ ( /* b */ x) { return x; /* } */ })", [1], 1],
  ["a variable that is assigned", "(() => { let n = 0; return () => { n += 1; n++; return { n }; }; })()", [], { n: 2 }],
  ["a call of a variable that is assigned", "(() => { let f = () => 1; return () => {\n  const a = 0\n  f()\n  f = () => 2\n  return f()\n}; })()", [], 2],
  [
    "destructuring into a variable",
    "(() => { let a = 0, b = 0; return () => { [a, { b }] = [1, { b: 2 }]; ({ a, b = 3 } = { a }); return [a, b]; }; })()",
    [],
    [1, 3],
  ],
  ["a loop over a variable", "(() => { let i = 9; return () => { for (i of [1, 2]); return i; }; })()", [], 2],
  [
    "a function that is assigned elsewhere",
    "(() => { function f(n) { return n === 0 ? 'old' : f(n - 1); } const g = f; f = () => 'new'; return g; })()",
    [1],
    "new",
  ],
  ["sloppy this", "(function () { return typeof this; })", [], "object"],
  ["a strict directive around it", "(() => { 'use strict'; return function () { return typeof this; }; })()", [], "undefined"],
  ["a property of its own", "(() => { const f = (x) => x + f.offset; f.offset = 10; return f; })()", [1], 11],
  [
    "a constructor function with a prototype",
    "(() => { function P(x) { this.x = x; } P.prototype.twice = function () { return this.x * 2; }; return (x) => new P(x).twice(); })()",
    [4],
    8,
  ],
  [
    "inheritance by prototypes",
    "(() => { function A() {} A.prototype.hi = () => 'hi'; function B() {} B.prototype = Object.create(A.prototype, { constructor: { value: B } }); return () => new B().hi(); })()",
    [],
    "hi",
  ],
  [
    "accessors that were added",
    "(() => { function P(x) { this.x = x; } Object.defineProperty(P.prototype, 'y', { get() { return this.x + 1; }, set(y) { this.x = y; } }); const f = () => 1; Object.defineProperty(f, 'k', { get: () => 4 }); return (x) => { const p = new P(x); p.y = p.y; return [p.y, f.k]; }; })()",
    [4],
    [6, 4],
  ],
  [
    "static fields with names that functions have",
    "(() => { class A { static name = 'other'; static length = 42; static caller = 1; static arguments = [2]; } return () => [A.name, A.length, A.caller, A.arguments]; })()",
    [],
    ["other", 42, 1, [2]],
  ],
  [
    "methods and an accessor with such names",
    "(() => { class A { static name() { return 'other'; } static get length() { return 42; } } return () => [A.name(), A.length]; })()",
    [],
    ["other", 42],
  ],
  [
    "functions that were added and read like declared methods",
    "(() => { class A { noop() {} static twice(x) { return x * 2; } static f = function (x) { return x * 2; } } A.handler = function () {}; A.prototype.double = A.twice; return (x) => [A.f(x), A.handler(), new A().double(x)]; })()",
    [4],
    [8, undefined, 8],
  ],
  [
    "members with keys of all kinds",
    "(() => { const k = 'computed'; class A { static [k](x) { return x; } static [k + 2]() { return 2; } get [k]() { return 3; } 'a b'() { return 4; } 5() { return 5; } static #p() { return 6; } static p() { return A.#p(); } } return (x) => { k; const a = new A(); return [A.computed(x), A.computed2(), a.computed, a['a b'](), a[5](), A.p()]; }; })()",
    [1],
    [1, 2, 3, 4, 5, 6],
  ],
  ["a name that is declared nowhere", "(() => typeof nowhereToBeFound)", [], "undefined"],
  ["a template tag that is assigned", "(() => { let tag = (s) => s[0]; tag = (s) => s[0] + '!'; return () => { tag = tag; return tag`a`; }; })()", [], "a!"],
  ["a label, a regular expression and a division", "((x) => { a: for (;;) { break a; } return /\\//.test('/') && x / 2 / 1; })", [4], 2],
  ["a class that is returned", "(() => { const base = 2; return (x) => new (class { get v() { return x * base; } })().v; })()", [4], 8],
  [
    "coverage counters",
    "(() => { function cov_1a2b() { throw new Error('counted'); } return (x) => { cov_1a2b().f[0]++; cov_1a2b().s[3]++; cov_1a2b().b[0][1]++; return x; }; })()",
    [4],
    4,
  ],
  [
    "a helper that sets names",
    "(() => { var __defProp = Object.defineProperty; var __name = (t, value) => __defProp(t, 'name', { value, configurable: true }); return __name(() => { const f = __name((x) => x, 'f'); return f.name; }, 'task'); })()",
    [],
    "f",
  ],
  [
    "an import object of a bundle",
    "(() => { const m = {}; const double = (x) => x * 2; Object.defineProperty(m, 'double', { enumerable: true, get: () => double }); var import_m = m; return (x) => (0, import_m.double)(x); })()",
    [4],
    8,
  ],
  [
    "an import object that is called as a namespace",
    "(() => { const ns = { __esModule: true, double: (x) => x * 2, heavy: Symbol() }; return (x) => ns.double(x); })()",
    [4],
    8,
  ],
  [
    "an __awaiter that takes this",
    "(() => { var __awaiter = function (thisArg, f) { return f.apply(thisArg); }; return { m(x) { return __awaiter(this, () => x); } }.m; })()",
    [4],
    4,
  ],
];

for (const [what, source, args, result] of SHAPES) {
  test(`a function with or of this shape crosses: ${what}`, async () => {
    const original = evaluate(source);
    const copy = await roundTrip(original);
    assert.notEqual(copy, original);
    assert.deepEqual(copy(...(args as never[])), result);
    assert.equal(copy.name, original.name);
    assert.equal(copy.length, original.length);
  });
}

test("a copy crosses again, as from a worker back or onward", async () => {
  for (const [what, source, args, result] of SHAPES) {
    const twice = await roundTrip(await roundTrip(evaluate(source)));
    assert.deepEqual(twice(...(args as never[])), result, what);
  }
});

test("only the properties that are read are sent", async () => {
  const f = evaluate("(() => { const config = { url: 'u', secret: () => 1n }; return () => config.url; })()");
  const { dissect } = await import("#dure/codec/functions/dissect.js");
  const dissected = dissect(f, "fn", "task", new Map());
  assert.ok(dissected.kind === "source");
  assert.deepEqual(
    dissected.variables.map(({ name, properties, constant }) => ({ name, properties, constant })),
    [{ name: "config", properties: ["url"], constant: true }],
  );
});

test("a global of the program's own is captured, one of Node's is not", async () => {
  const key = "dureTestGlobal";
  (globalThis as Record<string, unknown>)[key] = 5;
  try {
    const copy = await roundTrip(evaluate(`(() => ${key} + [1].length + Math.abs(-1))`));
    delete (globalThis as Record<string, unknown>)[key];
    assert.equal(copy(), 7);
  } finally {
    delete (globalThis as Record<string, unknown>)[key];
  }
});

test("a function of another context crosses with that context's variables", async () => {
  const f = vm.runInNewContext("let a = 1; var b = 2; (x) => x + a + b + c", { c: 3 }) as (x: number) => number;
  assert.equal((await roundTrip(f))(1), 7);
});

test("a function of new Function crosses", async () => {
  // oxlint-disable-next-line typescript/no-implied-eval -- the subject of the test
  const add = new Function("a", "b = 2", "return a + b") as (a: number) => number;
  assert.equal((await roundTrip(add))(1), 3);
});

test("a function of an indirect eval with lets crosses", async () => {
  // oxlint-disable-next-line no-eval -- the subject of the test
  const f = (0, eval)("{ let k = 4; (x) => x * k }") as (x: number) => number;
  assert.equal((await roundTrip(f))(2), 8);
});

test("a script's line and column offsets do not mislead", async () => {
  const f = evaluate("const offsetProbe = 3; (x) =>\n x * offsetProbe", { filename: "odd.js", lineOffset: 10, columnOffset: 20 });
  assert.equal((await roundTrip(f))(...([2] as never[])), 6);
});

test("stacks of a copy tell the original's file, line and column", async () => {
  const source = "\n\n   (() => { let n = 0;\n  return function fail() {\n    n++; throw new Error('x'); }; })()";
  const original = evaluate(source, { filename: "/app/fails.js" });
  const copy = await roundTrip(original);
  const positions = [original, copy].map((fn) =>
    stackOf(fn)
      .find((line) => line.includes("fails.js"))
      ?.replace(/.*(fails\.js:\d+:).*/, "$1"),
  );
  assert.deepEqual(positions, ["fails.js:5:", "fails.js:5:"]);
  const oneLine = await roundTrip(evaluate("   (() => { throw new Error('x'); })", { filename: "/app/fails.js" }));
  assert.match(stackOf(oneLine).join("\n"), /fails\.js:1:19/);
});

function stackOf(fn: AnyFunction): string[] {
  try {
    fn();
  } catch (error) {
    return (error as Error).stack?.split("\n").slice(1) ?? [];
  }
  return [];
}

test("import() and import.meta mean the original file", async () => {
  const meta = (): unknown => [import.meta.url, import.meta.filename, import.meta.dirname, import.meta.resolve("./x.js"), import.meta.resolve("node:fs")];
  assert.deepEqual((await roundTrip(meta))(), meta());
  const copy = await roundTrip(async () => (await import("../../fixtures/functions/exports.ts")).square(4));
  assert.equal(await copy(), 16);
});

test("thousands of closures of one loop cross with their own variables", async () => {
  const closures = Array.from({ length: 2000 }, (_, i) => () => i);
  let sum = 0;
  for (const closure of closures) sum += (await roundTrip(closure))();
  assert.equal(sum, 1999 * 1000);
});

test("a function of a script that the parser cannot read crosses by its own text", async () => {
  // Deeper than any stack, where V8 needs none.
  const deep = `const sum = ${"1+".repeat(200_000)}1;`;
  const shapes = [
    "(x) => [x, k, m()]",
    "({ m2(x) { return [x, k, m()]; } }).m2",
    "(class { static m2(x) { return [x, k, m()]; } }).m2",
    "function (x) { return [x, k, m()]; }",
  ];
  for (const shape of shapes) {
    const f = evaluate(`(() => { const k = 3; let n = 0; function m() { n++; return n; } return () => { return ${shape}; ${deep} }; })()()`);
    assert.deepEqual((await roundTrip(f))(...([2] as never[])), [2, 3, 1], shape);
  }
});
