// Runs each TypeScript example and each command of the documents that is marked `runnable`, as a reader would: beside
// gcd's module and numbers. The examples are compiled by TypeScript first, all at once, as not every Node that we support
// reads them.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { after, suite, test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

const DURE = resolve("dist/cli/dure.js");

const documents = [...inFolder("."), ...inFolder("docs")];
// The README in Korean shows much of what the one in English does.
const examples = distinct(documents.flatMap(examplesOf), ({ source }) => source);

// Inside the package, so that "dure" is this package.
mkdirSync(".build", { recursive: true });
const folder = resolve(mkdtempSync(".build/documents-"));
after(() => rmSync(folder, { recursive: true }));
for (const name of ["my_module.ts", "numbers.json"]) copyFileSync(join("examples/gcd", name), join(folder, name));
for (const { file, source } of examples) writeFileSync(join(folder, `${file}.ts`), source);
const compiled = compileExamples();

interface Example {
  readonly name: string;
  readonly source: string;
  readonly file: string;
}

function inFolder(path: string): string[] {
  return readdirSync(path)
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(path, name));
}

function examplesOf(document: string): Example[] {
  const sources = [...readFileSync(document, "utf8").matchAll(/^```ts runnable\n(.*?)^```$/gms)].map(([, source = ""]) => source);
  return sources.map((source, index) => {
    return { name: `example ${index + 1} of ${document}`, source, file: `${document.replaceAll(/[^a-zA-Z]/g, "-")}-${index + 1}` };
  });
}

function distinct<T>(all: readonly T[], what: (one: T) => string): T[] {
  return [...new Map(all.map((one) => [what(one), one])).values()];
}

interface Commands {
  readonly name: string;
  readonly commands: string;
  /** What they print, where the document shows it. */
  readonly output: string | undefined;
}

function commandsOf(document: string): Commands[] {
  const found = [...readFileSync(document, "utf8").matchAll(/^```sh runnable\n(.*?)^```$(?:\n\n^```output\n(.*?)^```$)?/gms)];
  return found.map(([, commands = "", output], index) => ({ name: `commands ${index + 1} of ${document}`, commands, output }));
}

test("the README and each guide have examples that run", () => {
  for (const document of [
    "README.md",
    "docs/serial.md",
    "docs/event-loop.md",
    "docs/threads.md",
    "docs/processes.md",
    "docs/errors.md",
    "docs/advise.md",
    "docs/locks.md",
  ]) {
    assert.ok(
      examples.some(({ name }) => name.endsWith(` of ${document}`)),
      document,
    );
  }
});

test("the examples in the documents have no type errors", () => {
  assert.equal(compiled.status, 0, compiled.stdout);
});

function compileExamples(): { status: number | null; stdout: string } {
  const flags = [
    "--ignoreConfig",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--lib",
    "esnext",
    "--types",
    "node",
    "--rewriteRelativeImportExtensions",
  ];
  const paths = examples.map(({ file }) => join(folder, `${file}.ts`));
  return spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", ...flags, ...paths], { encoding: "utf8" });
}

suite("the examples in the documents run", { concurrency: 2 }, () => {
  for (const example of examples) {
    test(example.name, async () => {
      const { stderr } = await run(process.execPath, [join(folder, `${example.file}.js`)]);
      assert.equal(stderr, "");
    });
  }
});

suite("the commands in the documents run, and print what is shown", { concurrency: 2 }, () => {
  for (const { name, commands, output } of distinct(documents.flatMap(commandsOf), ({ commands, output }) => `${commands}${output ?? ""}`)) {
    test(name, async () => {
      const place = mkdtempSync(join(folder, "commands-"));
      for (const file of ["my_module.ts", "numbers.json"]) copyFileSync(join(folder, file), join(place, file));
      const { stdout } = await run("bash", ["-euo", "pipefail", "-c", `dure() { "${process.execPath}" "${DURE}" "$@"; }; npx() { "$@"; }\n${commands}`], {
        cwd: place,
      });
      if (output !== undefined) assert.equal(stdout, output);
    });
  }
});

test("the files that the documents name are there", () => {
  for (const document of documents) {
    for (const [, path = ""] of readFileSync(document, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      assert.ok(existsSync(join(dirname(document), path)), `${document} names ${path}`);
  }
});

test("README.md shows the comparison with peers as it was last made", () => {
  const table = readFileSync("bench/versus/results/versus.md", "utf8").trim();
  assert.ok(readFileSync("README.md", "utf8").includes(table), "copy bench/versus/results/versus.md into README.md");
});
