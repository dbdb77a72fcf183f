// Where the source of a function comes from: its file, if that is what runs, and else the debugger. In programs of their
// own, as what is known of a script is kept.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

/** The profiler tells of no function that has been collected, as that of a whole script is soon after it has run. */
const UNCOLLECTED = "--min-semi-space-size=16";
const DISSECT = new URL("../../../../dist/codec/functions/dissect.js", import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), "dure-scripts-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

file("functions.mjs", "const step = 2;\nexport const double = (x) => x * step;\nexport const adder = (y) => (x) => x + y;\n");
file("functions.cjs", "const step = 2;\nexports.double = (x) => x * step;\nexports.adder = (y) => (x) => x + y;\n");

interface Told {
  readonly kind: string;
  readonly source: string | undefined;
  readonly askedDebugger: boolean;
  readonly askedProfiler: boolean;
}

/** What dissecting the functions that a program gives to `take` has told, in order. */
function told(program: string, env: NodeJS.ProcessEnv = {}): Told[] {
  const path = file(
    "program.mjs",
    `import { Session } from "node:inspector";
    import { createRequire } from "node:module";
    import { readFileSync } from "node:fs";
    import vm from "node:vm";
    import { dissect } from ${JSON.stringify(DISSECT)};
    const require = createRequire(import.meta.url);
    const { post } = Session.prototype;
    let asked = [];
    Session.prototype.post = function (method, ...rest) { asked.push(method); return post.call(this, method, ...rest); };
    const told = [];
    const take = (fn) => {
      asked = [];
      const { kind, template } = dissect(fn, "fn", "task", new Map());
      const wasAsked = (domain) => asked.some((method) => method.startsWith(domain));
      told.push({ kind, source: template.source, askedDebugger: wasAsked("Debugger."), askedProfiler: wasAsked("Profiler.") });
    };
    ${program}
    process.stdout.write(JSON.stringify(told));`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, [UNCOLLECTED, path], { cwd: folder, encoding: "utf8", env: { ...process.env, ...env } });
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

for (const [what, load] of [
  ["an ES module", 'await import("./functions.mjs")'],
  ["a CommonJS module", 'require("./functions.cjs")'],
]) {
  test(`functions of ${what} are looked into without the debugger`, () => {
    const [double, adder] = told(`const functions = ${load}; take(functions.double); take(functions.adder(1));`);
    assert.deepEqual([double?.kind, double?.askedDebugger], ["whole", false]);
    assert.deepEqual([adder?.kind, adder?.askedDebugger], ["source", false]);
    assert.match(adder?.source ?? "", /\(x\) => x \+ y/);
  });
}

test("a function of a module that is loaded later is looked into without the debugger", () => {
  const program = 'take((await import("./functions.mjs")).adder(1)); const later = require("./functions.cjs"); take(later.adder(1));';
  assert.deepEqual(told(program).map(({ askedDebugger }) => askedDebugger), [false, false]); // biome-ignore format: short
});

test("a script that bears a file's name, and begins elsewhere, is asked of the debugger", () => {
  // By its lines, the function would be the second of the file.
  const path = file("alike.js", "[(x) => x + 1,\n (x) => x + 2,\n (x) => x + 3]\n");
  const [first] = told(`const text = readFileSync(${JSON.stringify(path)}, "utf8");
    const functions = vm.runInThisContext(text, { filename: ${JSON.stringify(path)}, lineOffset: 1 });
    take(functions[0]);`);
  assert.equal(first?.askedDebugger, true);
  assert.match(first?.source ?? "", /\(x\) => x \+ 1/);
});

test("a file that has changed since it was loaded is not taken for what runs", () => {
  const path = file("changing.cjs", "exports.adder = (y) => (x) => x + y;\n");
  const [adder] = told(`const { adder } = require(${JSON.stringify(path)});
    require("node:fs").writeFileSync(${JSON.stringify(path)}, "exports.adder = (y) => (x) => x - y;\\n");
    take(adder(1));`);
  assert.equal(adder?.askedDebugger, true);
  assert.match(adder?.source ?? "", /\(x\) => x \+ y/);
});

test("where files are not what runs, the profiler is not asked again and again", () => {
  const path = file("gone.cjs", "exports.adder = (y) => (x) => x + y;\n");
  const taken = told(`const { adder } = require(${JSON.stringify(path)});
    require("node:fs").rmSync(${JSON.stringify(path)});
    take(adder(1));
    take(vm.runInThisContext("(y) => (x) => x + y")(1));`);
  assert.deepEqual(taken.map(({ askedProfiler }) => askedProfiler), [true, false]); // biome-ignore format: short
});

test("a coverage that is being taken stays whole", () => {
  const coverage = join(folder, "coverage");
  told('const { double, adder } = await import("./functions.mjs"); take(double); take(adder(1)); adder(1)(2);', { NODE_V8_COVERAGE: coverage });
  const reports = readdirSync(coverage).map((name) => JSON.parse(readFileSync(join(coverage, name), "utf8")));
  const script = reports.flatMap(({ result }) => result).find(({ url }) => String(url).endsWith("functions.mjs"));
  const counts = script.functions.map((fn: { functionName: string; isBlockCoverage: boolean; ranges: { count: number }[] }) => [
    fn.functionName,
    fn.isBlockCoverage,
    fn.ranges[0]?.count,
  ]);
  assert.deepEqual(counts, [
    ["", true, 1],
    ["double", false, 0],
    ["adder", true, 2],
    ["", true, 1],
  ]);
});
