import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { DoctorReport, FunctionReport } from "#dure/cli/doctor/report.js";
import { runDure } from "./run-dure.ts";

const folder = mkdtempSync(join(tmpdir(), "dure-doctor-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const MODULE = file(
  "functions.mjs",
  `const table = new Map([[1, "a"]]);
const big = new Uint8Array(5000);
const seen = new WeakMap();
const helper = (x) => x + table.size + big.length;
export function exported(x) { return x; }
export const closure = makeClosure();
function makeClosure() { const factor = 3; return (x) => helper(x) * factor; }
export const refused = makeRefused();
function makeRefused() { const cache = seen; return (x) => cache.has(x); }
const object = { url: "u", method() { return this.url; } };
export const method = object.method;
export const bound = ((a, b) => a + b).bind(undefined, 7);
export const builtin = Math.abs;
export const fails = (x) => { if (x === 2) throw new RangeError("no two"); return x; };
export const failsDifferently = (x) => { throw new RangeError("not " + x); };
export const number = 1;
`,
);
const ITEMS = file("items.json", '[1, 2, {"a": [1]}]');

async function doctor(name: string, ...more: string[]): Promise<{ report: FunctionReport; code: number | null }> {
  const { stdout, stderr, code } = await runDure(["doctor", `${MODULE}#${name}`, "--json", ...more]);
  assert.equal(stderr, "");
  const { function: report } = JSON.parse(stdout) as DoctorReport;
  assert.ok(report !== undefined);
  return { report, code };
}

test("dure doctor says that an export crosses by reference, with nothing", async () => {
  const { report, code } = await doctor("exported", "--items", ITEMS);
  assert.equal(code, 0);
  assert.ok(report.way?.by === "reference" && report.way.export === "exported" && report.way.module.endsWith("functions.mjs"));
  assert.deepEqual([report.name, report.items, report.captures], ["exported", 3, []]);
  assert.deepEqual(
    report.rungs,
    ["serial", "async", "threads", "processes"].map((rung) => ({ rung, crosses: true, items: 3, problems: [] })),
  );
});

test("dure doctor lists what a closure takes along, also through the functions that it calls, with sizes", async () => {
  const { report, code } = await doctor("closure");
  assert.equal(code, 0);
  assert.equal(report.way?.by, "value");
  const captures = report.captures.map(({ name, kind, by }) => [name, kind, by]);
  assert.deepEqual(
    captures.sort(),
    [
      ["big", "Uint8Array", "helper"],
      ["factor", "number", "the function"],
      ["helper", "function", "the function"],
      ["table", "Map", "helper"],
    ].sort(),
  );
  const bytes = Object.fromEntries(report.captures.map((capture) => [capture.name, capture.bytes]));
  assert.ok(bytes["big"]! >= 5000 && bytes["big"]! < 5200, String(bytes["big"]));
  assert.ok(bytes["factor"]! > 0 && bytes["factor"]! < 16 && bytes["table"]! > 0 && bytes["table"]! < 100);
});

test("dure doctor names the variable that cannot cross, and ends with 1", async () => {
  const { report, code } = await doctor("refused", "--items", ITEMS);
  assert.equal(code, 1);
  assert.equal(report.captures[0]?.bytes, undefined);
  assert.match(report.captures[0]?.refusal ?? "", /Cannot send cache as it is a WeakMap/);
  assert.deepEqual(
    report.rungs.map((rung) => [rung.rung, rung.crosses, rung.items]),
    [
      ["serial", true, 3],
      ["async", true, 3],
      ["threads", false, 3],
      ["processes", false, 3],
    ],
  );
});

test("dure doctor refuses a method that needs its object on the rungs with workers", async () => {
  const { report, code } = await doctor("method");
  assert.equal(code, 1);
  assert.match(report.refusal ?? "", /uses "this"/);
  assert.deepEqual(
    report.rungs.map((rung) => rung.crosses),
    [true, true, false, false],
  );
});

test("dure doctor looks through bound functions and knows those of the language", async () => {
  const bound = await doctor("bound");
  assert.deepEqual(
    bound.report.captures.map(({ name, kind }) => [name, kind]),
    [["bound argument 1", "number"]],
  );
  const builtin = await doctor("builtin");
  assert.deepEqual(builtin.report.way, { by: "name", name: "Math.abs" });
});

test("dure doctor calls the function only with --call, and then says what failed", async () => {
  const uncalled = await doctor("fails", "--items", ITEMS);
  assert.equal(uncalled.code, 0);
  const { report, code } = await doctor("fails", "--items", ITEMS, "--call");
  assert.equal(code, 1);
  for (const rung of report.rungs) assert.deepEqual([rung.items, rung.calls, rung.problems], [3, 2, ["no two"]], rung.rung);
});

test("dure doctor prints no more reasons than are read", async () => {
  const many = file("many.json", JSON.stringify(Array.from({ length: 1000 }, (_, index) => index)));
  const { stdout } = await runDure(["doctor", `${MODULE}#failsDifferently`, "--items", many, "--call"]);
  assert.match(stdout, /^! not 0\n(?:! not \d+\n)*! not 19\nand 980 more, which --json gives$/m);
});

test("dure doctor prints text: the way, the captures, each rung, the machine", async () => {
  const { stdout, code } = await runDure(["doctor", `${MODULE}#closure`, "--items", ITEMS]);
  assert.equal(code, 0);
  assert.match(stdout, /^closure crosses by value: \d+ bytes of source, from file:.*functions\.mjs:7\nIt takes these variables along:$/m);
  assert.match(stdout, /^big +Uint8Array +helper +4\.\d+ KiB$/m);
  assert.match(stdout, /^processes +crosses +3 of 3$/m);
  assert.match(stdout, /^What no library survives on threads: a crash in native code, /m);
  assert.ok(!stdout.includes("\u001B") && !/ $/m.test(stdout));
});

test("dure doctor without a function describes the machine", async () => {
  const { stdout, code } = await runDure(["doctor", "--json"]);
  assert.equal(code, 0);
  const { machine, function: examined } = JSON.parse(stdout) as DoctorReport;
  assert.equal(examined, undefined);
  assert.deepEqual([machine.node, machine.usableCores, machine.inspector], [process.versions.node, availableParallelism(), true]);
  assert.ok(machine.defaultMaxWorkers >= 1 && machine.memory > 0);
  const text = await runDure(["doctor"], { env: { DURE_MAX_WORKERS: "7" } });
  assert.match(text.stdout, /executors start up to 7 workers/);
});

const REFUSED: [fact: string, args: string[], message: RegExp][] = [
  ["a missing module", ["./none.mjs#fn"], /Cannot find the module/],
  ["a missing export, with the nearest name", [`${MODULE}#exportd`], /Did you mean exported/],
  ["an export that is no function", [`${MODULE}#number`], /not a function but number/],
  ["items without a function", ["--items", ITEMS], /Cannot try items without a function/],
  ["calls without items", [`${MODULE}#exported`, "--call"], /Cannot call the function without items/],
  ["an unknown option", ["--itms", ITEMS], /unknown option/],
];
for (const [fact, args, message] of REFUSED) {
  test(`dure doctor refuses ${fact}, and ends with 2`, async () => {
    const { stdout, stderr, code } = await runDure(["doctor", ...args]);
    assert.deepEqual([stdout, code], ["", 2]);
    assert.match(stderr, message);
  });
}
