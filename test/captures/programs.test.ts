// Whole programs, started with `--import dure/captures` and without: they must print the same.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const TSX = pathToFileURL(resolve("node_modules/tsx/dist/loader.mjs")).href;
const CAPTURES = ["--import", "dure/captures"];

interface Reported {
  readonly subject: string;
  readonly results: readonly unknown[];
  /** Whether the inspector was asked after the first closure of the place. */
  readonly asked: boolean;
}

async function reports(...args: readonly string[]): Promise<Reported[]> {
  const [program = "", ...rest] = args.slice(args.findIndex((argument) => /^\w+\.[mc][jt]s$/.test(argument)));
  const flags = args.slice(0, args.indexOf(program));
  const { stdout, stderr } = await run(process.execPath, ["--disable-warning=ExperimentalWarning", ...flags, `test/captures/fixtures/${program}`, ...rest]);
  assert.equal(stderr, "");
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Reported);
}

function resultsOf(reported: readonly Reported[]): unknown[] {
  return reported.map(({ subject, results }) => [subject, results]);
}

function subjectsAsked(reported: readonly Reported[]): string[] {
  return reported.filter(({ asked }) => asked).map(({ subject }) => subject);
}

/** Of program.mjs: what notes do not say. */
const ASKED_ALL_THE_SAME = [
  "a function that is made each time",
  "a variable that functions assign, and one of them",
  "a variable of the call that functions assign",
  "import.meta and import()",
  "a queue that gives functions names",
  "other names for map",
  "a variable that is not initialised",
  "this of the code around",
];

for (const rung of ["threads", "processes"]) {
  test(`an ES module, on ${rung}`, async () => {
    const [plain, noted] = await Promise.all([reports("program.mjs", rung), reports(...CAPTURES, "program.mjs", rung)]);
    assert.deepEqual(resultsOf(noted), resultsOf(plain));
    assert.ok(subjectsAsked(plain).length > ASKED_ALL_THE_SAME.length);
    assert.deepEqual(subjectsAsked(noted), ASKED_ALL_THE_SAME);
  });
}

test("functions around noted calls cross as if there were no notes: exports by reference, others with their text, from their place", async () => {
  const [plain, noted] = await Promise.all([reports("crossing.mjs"), reports(...CAPTURES, "crossing.mjs")]);
  assert.deepEqual(noted, plain);
  const kinds = noted.slice(0, 3).map(({ results }) => (results[0] as { kind: string }).kind);
  assert.deepEqual(kinds, ["reference", "reference", "source"]);
});

test("CommonJS modules", async () => {
  const [plain, noted] = await Promise.all([reports("program.cjs"), reports(...CAPTURES, "program.cjs")]);
  assert.deepEqual(resultsOf(noted), resultsOf(plain));
  assert.deepEqual(subjectsAsked(noted), []);
});

describe("TypeScript", () => {
  const ways: readonly [what: string, flags: readonly string[]][] = [["tsx", ["--import", TSX]]];
  const stripsTypes = "typescript" in process.features && process.features.typescript !== false;
  for (const [what, flags] of stripsTypes ? [...ways, ["Node's own type stripping", []] as const] : ways) {
    test(`under ${what}`, async () => {
      const [plain, noted] = await Promise.all([reports(...flags, "program.mts"), reports(...flags, ...CAPTURES, "program.mts")]);
      assert.deepEqual(resultsOf(noted), resultsOf(plain));
      assert.deepEqual(subjectsAsked(noted), []);
    });
  }

  test("under tsx that is loaded after the notes, whose closures are as without them", async () => {
    const flags = ["--import", TSX];
    const [plain, noted] = await Promise.all([reports(...flags, "program.mts"), reports(...CAPTURES, ...flags, "program.mts")]);
    assert.deepEqual(noted, plain);
  });
});
