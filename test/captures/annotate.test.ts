// What is written into a source, and that it is found again.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { annotate } from "#dure/captures/annotate.js";
import { rewritten } from "#dure/captures/rewriting.js";
import { unannotated } from "#dure/codec/functions/annotations.js";
import { Script } from "#dure/codec/functions/script.js";

/** Without what is put at the end. */
function noted(source: string, isModule = true): string | undefined {
  return annotate(source, isModule)?.split("\nvar $dure")[0];
}

const NOTED: readonly [what: string, source: string, expected: string][] = [
  ["an arrow", "const x = 1; pool.submit(() => x, 2);", "const x = 1; pool.submit($dure(() => x, () => [x], 0), 2);"],
  ["a function", "const x = 1; pool.submit(function (a) { return a + x; });", "const x = 1; pool.submit($dure(function (a) { return a + x; }, () => [x], 0));"],
  ["an async arrow", "const x = 1; pool.submit(async () => await x);", "const x = 1; pool.submit($dure(async () => await x, () => [x], 0));"],
  ["a generator", "const x = 1; pool.submit(function* () { yield x; });", "const x = 1; pool.submit($dure(function* () { yield x; }, () => [x], 0));"],
  ["one that captures nothing", "pool.submit(() => Math.max(1, 2));", "pool.submit($dure(() => Math.max(1, 2), () => [], 0));"],
  ["one in parentheses", "const x = 1; pool.submit((() => x));", "const x = 1; pool.submit(($dure(() => x, () => [x], 0)));"],
  [
    "an optional call",
    "const x = 1; pool?.submit(() => x); a?.b.submit(() => x);",
    "const x = 1; pool?.submit($dure(() => x, () => [x], 0)); a?.b.submit($dure(() => x, () => [x], 1));",
  ],
  [
    "a pool with options",
    "const x = 1; pool.with({ label: 'a' }).submit(() => x);",
    "const x = 1; pool.with({ label: 'a' }).submit($dure(() => x, () => [x], 0));",
  ],
  [
    "a pool in a private field",
    "class A { #pool; run(x) { return this.#pool.submit(() => x); } }",
    "class A { #pool; run(x) { return this.#pool.submit($dure(() => x, () => [x], 0)); } }",
  ],
  [
    "spread arguments",
    "const x = [1]; pool.submit((...all) => all.concat(x), ...x);",
    "const x = [1]; pool.submit($dure((...all) => all.concat(x), () => [x], 0), ...x);",
  ],
  [
    "defaults and patterns",
    "let x, y; pool.submit(({ a = x, ...rest }, [b = y] = []) => [a, rest, b]);",
    "let x, y; pool.submit($dure(({ a = x, ...rest }, [b = y] = []) => [a, rest, b], () => [x, y], 0));",
  ],
  [
    "names that are used twice, or are its own",
    "const x = 1; pool.submit((y) => x + x + y + ((z) => z + y)(1));",
    "const x = 1; pool.submit($dure((y) => x + x + y + ((z) => z + y)(1), () => [x], 0));",
  ],
  [
    "a shadowed name",
    "const x = 1; pool.submit(() => { const x = 2; return x; });",
    "const x = 1; pool.submit($dure(() => { const x = 2; return x; }, () => [], 0));",
  ],
  [
    "its own name",
    "pool.submit(function again(n) { return n && again(n - 1); });",
    "pool.submit($dure(function again(n) { return n && again(n - 1); }, () => [], 0));",
  ],
  [
    "labels",
    "const x = 1; pool.submit(() => { x: for (;;) break x; return x; });",
    "const x = 1; pool.submit($dure(() => { x: for (;;) break x; return x; }, () => [x], 0));",
  ],
  [
    "names beyond ASCII",
    "const größe = 1, \u{20BB7} = 2; pool.submit(() => größe + \u{20BB7});",
    "const größe = 1, \u{20BB7} = 2; pool.submit($dure(() => größe + \u{20BB7}, () => [größe, \u{20BB7}], 0));",
  ],
  [
    "imports",
    "import f, * as all from 'a'; pool.submit(() => f(all.g));",
    "import f, * as all from 'a'; pool.submit($dure(() => f(all.g), () => [f, all], 0));",
  ],
  [
    "what is submitted in it, with it",
    "const x = 1; pool.submit(() => pool.submit(() => x));",
    "const x = 1; pool.submit($dure(() => pool.submit(() => x), () => [pool, x], 0));".replace("const x", "const x"),
  ],
  [
    "one in the arguments of another",
    "const x = 1; pool.submit(() => x, pool.submit(() => [x]));",
    "const x = 1; pool.submit($dure(() => x, () => [x], 0), pool.submit($dure(() => [x], () => [x], 1)));",
  ],
  [
    "a call over lines, with comments",
    "const x = 1;\npool.submit(\n  // why\n  () => x, // how\n  2,\n);",
    "const x = 1;\npool.submit(\n  // why\n  $dure(() => x, () => [x], 0), // how\n  2,\n);",
  ],
  [
    "beside texts that look alike",
    "const x = `pool.submit(() => ${1})`; pool.submit(() => x, /submit(() => x)/);",
    "const x = `pool.submit(() => ${1})`; pool.submit($dure(() => x, () => [x], 0), /submit(() => x)/);",
  ],
  ["after a top-level await", "const x = await 1; await pool.submit(() => x);", "const x = await 1; await pool.submit($dure(() => x, () => [x], 0));"],
];

describe("annotate() notes", () => {
  for (const [what, body, expected] of NOTED) {
    test(what, () => {
      const [source, result] = [body, expected].map((text) => `import { pool, a } from "pool"; ${text}`) as [string, string];
      assert.equal(noted(source), result);
    });
  }

  test("what a CommonJS module is given", () => {
    assert.equal(
      noted("exports.f = (pool) => pool.submit(() => require(__filename));", false),
      "exports.f = (pool) => pool.submit($dure(() => require(__filename), () => [require, __filename], 0));",
    );
  });
});

const LEFT: readonly [what: string, source: string, isModule?: boolean][] = [
  ["a function by its name", "const f = () => 1; pool.submit(f);"],
  ["a call of another name", "pool.map(() => 1); submit(() => 1); pool['submit'](() => 1); pool.submitAll(() => 1);"],
  ["text and comments", "const a = 'pool.submit(() => 1)'; // pool.submit(() => 1)"],
  ["a variable of a call that functions assign", "function run() { let n = 0; const up = () => n++; pool.submit(() => n); }"],
  ["a variable of a call that the function assigns", "function run() { let n = 0; pool.submit(() => ++n); }"],
  ["this of the code around", "class A { run() { pool.submit(() => this.x); } }"],
  ["super of the code around", "class A extends B { run() { pool.submit(() => super.run()); } }"],
  ["arguments of the code around", "function run() { pool.submit(() => arguments.length); }"],
  ["new.target of the code around", "function Run() { pool.submit(() => new.target); }"],
  ["a private name", "class A { #x = 1; static run(a) { pool.submit(() => a.#x); } }"],
  ["import.meta", "pool.submit(() => import.meta.url);"],
  ["eval anywhere", "const x = 1; pool.submit(() => eval('x'));", false],
  ["with anywhere", "with (pool) { pool.submit(() => 1); }", false],
  ["a global that not every thread has", "pool.submit(() => ofThisProgram);"],
  ["a source that has names like ours", "const $dure = 1; pool.submit(() => $dure);"],
  ["a source that declares what the notes need", "const Symbol = 1; pool.submit(() => 1);"],
];

describe("annotate() leaves alone", () => {
  for (const [what, source, isModule] of LEFT) test(what, () => assert.equal(annotate(source, isModule ?? true), undefined));
});

test("an annotated source leads back to what was written", () => {
  for (const [, source] of NOTED) assert.equal(unannotated(annotate(source, true) ?? "")?.source, source);
});

test("what others put behind an annotated source stays", () => {
  const source = "const x = 1; pool.submit(() => x);";
  const map = "//# sourceMappingURL=data:,";
  assert.equal(unannotated(`${annotate(source, true)}${map}`)?.source, source + map);
});

test("a script that runs annotated has the positions of what was written", () => {
  const source = "const x = 1;\npool.submit(() => x, () => 2); late();\nlater();";
  const text = annotate(source, true) ?? "";
  const script = new Script({ scriptId: "1", url: "", startLine: 0, startColumn: 0, isModule: true }, text);
  for (const part of ["pool", "() => x", "() => 2", "late()", "later()"]) {
    const at = text.indexOf(part);
    const line = text.slice(0, at).split("\n").length - 1;
    assert.equal(script.offsetOf(line, at - (text.lastIndexOf("\n", at) + 1)), source.indexOf(part), part);
  }
});

describe("rewritten()", () => {
  const source = "const x = 1; pool.submit(() => x);";

  test("gives other text for files of the program", () => {
    assert.match(String(rewritten("file:///a/b.mjs", { format: "module", source }).source), /\$dure\(/);
    assert.match(String(rewritten("file:///a/b.mjs", { format: "module", source: new TextEncoder().encode(source) }).source), /\$dure\(/);
    assert.match(String(rewritten("/a/b.cjs", { format: "commonjs", source }).source), /\$dure\(/);
  });

  test("gives back what is of packages, no JavaScript, from elsewhere, or cannot be parsed", () => {
    for (const [url, loaded] of [
      ["file:///a/node_modules/b/c.mjs", { format: "module", source }],
      ["file:///a/b.json", { format: "json", source }],
      ["data:text/javascript,1", { format: "module", source }],
      ["node:fs", { format: "builtin", source: null }],
      ["file:///a/b.mjs", { format: "module", source: "pool.submit(() => {" }],
      ["file:///a/b.cjs", { format: "commonjs", source: "import x from 'x'; pool.submit(() => x)" }],
      ["file:///a/b.cjs", { format: "commonjs", source: undefined }],
    ] as const) {
      assert.equal(rewritten(url, loaded), loaded);
    }
  });
});
