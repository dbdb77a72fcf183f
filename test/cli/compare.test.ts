import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ComparisonJson } from "#dure/cli/comparison-json.js";
import { runDure } from "./run-dure.ts";

const FUNCTIONS = fileURLToPath(new URL("fixtures/functions.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "dure-compare-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const numbers = file("numbers.json", "[1, 2, 3, 4]");
const compare = (name: string, ...more: string[]): string[] => ["compare", `${FUNCTIONS}#${name}`, "--items", numbers, "--workers", "2", ...more];

async function compareJson(...args: string[]): Promise<{ json: ComparisonJson; code: number | null }> {
  const { stdout, stderr, code } = await runDure([...args, "--json"]);
  assert.equal(stderr, "");
  return { json: JSON.parse(stdout), code };
}

test("dure compare runs the gcd example on every rung, and all results agree", async () => {
  const { json, code } = await compareJson("compare", "examples/gcd/my_module.ts#gcd", "--items", "examples/gcd/numbers.json", "--workers", "2");
  assert.equal(code, 0);
  assert.deepEqual(Object.keys(json), ["function", "items", "workers", "runs", "leverage", "recommendation"]);
  assert.deepEqual([json.function, json.items, json.workers], ["gcd", 10, 2]);
  assert.deepEqual(
    json.runs.map((run) => run.rung),
    ["serial", "async", "threads", "processes"],
  );
  for (const run of json.runs) {
    assert.deepEqual(Object.keys(run), ["rung", "seconds", "speedup", "agrees", "predictedSeconds"]);
    assert.ok(run.predictedSeconds !== null && run.predictedSeconds > 0);
    assert.ok(run.seconds !== null && run.seconds > 0 && run.speedup !== null && run.speedup > 0 && run.agrees);
  }
  assert.ok(json.leverage !== null && json.leverage.computeSecondsPerItem > 0 && json.leverage.bytesPerItem > 0);
  assert.match(json.recommendation.reason, /One call of gcd/);
});

test("dure compare prints a plain table into a pipe, and the advice", async () => {
  const { stdout, stderr, code } = await runDure(compare("increment", "--rungs", "async,threads"));
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.match(
    stdout,
    /^increment over 4 items, 2 workers\n\nrung +start +predicted +seconds +speed-up +with start +results\nserial .*\nasync .*\nthreads .*\n/,
  );
  assert.match(stdout, /^Advice: /m);
  assert.ok(!stdout.includes("\u001B"));
});

const COLOURS: [fact: string, env: NodeJS.ProcessEnv, isColoured: boolean][] = [
  ["a pipe", {}, false],
  ["a pipe of a CI", { CI: "true" }, false],
  ["a pipe, when FORCE_COLOR asks for them", { FORCE_COLOR: "1" }, true],
  ["a pipe, when FORCE_COLOR is 0", { FORCE_COLOR: "0" }, false],
  ["a pipe, when NO_COLOR forbids what FORCE_COLOR asks for", { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
];
for (const [where, env, isColoured] of COLOURS) {
  test(`dure compare prints ${isColoured ? "colours" : "no colours"} into ${where}`, async () => {
    const { stdout, code } = await runDure(compare("increment", "--rungs", "async"), { env });
    assert.equal(code, 0);
    assert.equal(stdout.includes("\u001B["), isColoured);
  });
}

test("dure compare says that a tiny function pays nowhere", async () => {
  const { json } = await compareJson(...compare("increment", "--rungs", "async,threads"));
  assert.equal(json.recommendation.rung, "serial");
  assert.match(json.recommendation.reason, /nothing pays/);
});

test("dure compare advises the event loop for a function that waits", async () => {
  const { json } = await compareJson(...compare("waitABit", "--rungs", "async,threads"));
  assert.equal(json.recommendation.rung, "async");
  assert.match(json.recommendation.reason, /waits for \d+ % of it/);
});

test("dure compare makes a row of a rung on which the function fails, and ends with 1", async () => {
  const { json, code } = await compareJson(...compare("failsOnThreads", "--rungs", "async,threads"));
  assert.equal(code, 1);
  assert.deepEqual(
    json.runs.find((run) => run.rung === "threads"),
    { rung: "threads", seconds: null, speedup: null, agrees: false, predictedSeconds: null, error: "RangeError: no threads, please" },
  );
  assert.ok(json.runs.filter((run) => run.rung !== "threads").every((run) => run.agrees));
});

test("dure compare says that there is nothing to compare when the function fails serially", async () => {
  const { stdout, stderr, code } = await runDure(compare("failsAlways", "--rungs", "serial"));
  assert.equal(code, 1);
  assert.equal(stderr, "");
  assert.match(stdout, /^serial failed: Error: never works$/m);
  assert.match(stdout, /failsAlways fails serially/);
});

test("dure compare says which results differ, and ends with 1", async () => {
  const { json, code } = await compareJson(...compare("whichThread", "--rungs", "threads"));
  assert.equal(code, 1);
  assert.deepEqual(
    json.runs.map((run) => [run.rung, run.agrees]),
    [
      ["serial", true],
      ["threads", false],
    ],
  );
  assert.match(json.recommendation.reason, /Do not use threads/);
});

test("dure compare reads items from standard input", async () => {
  const { stdout, code } = await runDure(["compare", `${FUNCTIONS}#increment`, "--items", "-", "--rungs", "async", "--json"], { input: "1\n2\n" });
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).items, 2);
});

const INTERRUPTED: [fact: string, args: string[]][] = [
  ["in the middle of a call", compare("runsForEver")],
  ["in TypeScript", ["compare", "test/cli/fixtures/functions.ts#runsForEver", "--items", numbers]],
  ["while threads run", compare("runsForEverInWorkers", "--rungs", "threads")],
  ["while processes run", compare("runsForEverInWorkers", "--rungs", "processes")],
];

for (const [fact, args] of INTERRUPTED) {
  test(`dure compare ends as any program does on Ctrl-C ${fact}`, async () => {
    const { code, signal } = await runDure(args, { signalWhen: (stderr) => (stderr.includes("runs") ? "SIGINT" : undefined) });
    // A shell reports both as 130.
    assert.ok(signal === "SIGINT" || code === 130, `${code} ${signal}`);
  });
}

test("dure is quiet when its reader leaves", async () => {
  const { code, stderr } = await runDure(compare("increment", "--rungs", "serial"), { closeStdout: true });
  assert.equal(stderr, "");
  assert.equal(code, 0);
});

const words = file("words.json", "words");
const broken = file("broken.mjs", "export const broken = ;");
const gcdModule = "examples/gcd/my_module.ts";

const USAGE: [fact: string, args: string[], message: RegExp][] = [
  [
    "a missing module",
    ["compare", "examples/gcd/my_modul.ts#gcd", "--items", numbers],
    /Cannot find the module .*my_modul\.ts: there is no such file\. Did you mean .*my_module\.ts\?/,
  ],
  ["a target without #", ["compare", gcdModule, "--items", numbers], /must be MODULE#FN/],
  ["a missing export", ["compare", `${gcdModule}#gdc`, "--items", numbers], /my_module\.ts does not export it\. Did you mean gcd\?\nIt exports gcd/],
  ["an export that is not a function", compare("limit"), /not a function but number/],
  ["a module that does not load", ["compare", `${broken}#broken`, "--items", numbers], /Cannot load the module .*broken\.mjs: SyntaxError/],
  ["no items", ["compare", `${FUNCTIONS}#increment`], /required option '--items <FILE>' not specified/],
  [
    "an items file that is not there",
    ["compare", `${FUNCTIONS}#increment`, "--items", "none.json"],
    /Cannot read the items file none\.json: there is no such file/,
  ],
  ["an items file that is not JSON", ["compare", `${FUNCTIONS}#increment`, "--items", words], /words\.json is not JSON/],
  ["an empty items file", ["compare", `${FUNCTIONS}#increment`, "--items", file("empty.json", "[]")], /holds none/],
  ["an unknown rung", compare("increment", "--rungs", "serial,thread"), /Unknown rung "thread": did you mean threads/],
  ["workers out of range", compare("increment", "--workers", "0"), /'0' is invalid.*whole number from 1 to 1024/],
  ["workers that are no number", compare("increment", "--workers", "many"), /'many' is invalid/],
  ["an unknown option", compare("increment", "--worker", "2"), /unknown option '--worker'\n\(Did you mean --workers\?\)/],
  ["an unknown command", ["compar"], /unknown command 'compar'/],
];

for (const [fact, args, message] of USAGE) {
  test(`dure compare refuses ${fact} in two lines at most, and ends with 2`, async () => {
    const { code, stdout, stderr } = await runDure(args);
    assert.match(stderr, message);
    assert.match(stderr, /^error: /);
    assert.ok(stderr.trimEnd().split("\n").length <= 2, stderr);
    assert.equal(stdout, "");
    assert.equal(code, 2);
  });
}

test("dure without a command shows its help and ends with 2", async () => {
  const { code, stderr } = await runDure([]);
  assert.match(stderr, /^Usage: dure/);
  assert.equal(code, 2);
});

test("dure --help and dure compare --help explain the exit codes, with examples", async () => {
  for (const args of [["--help"], ["compare", "--help"]]) {
    const { code, stdout, stderr } = await runDure(args);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /Exit codes:\n {2}0 {2}/);
    assert.match(stdout, args.length === 1 ? /compare/ : /\$ dure compare examples\/gcd/);
  }
});

test("dure --version is that of the package", async () => {
  const { stdout, code } = await runDure(["--version"]);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  assert.equal(code, 0);
});
