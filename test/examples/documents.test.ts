// Runs each TypeScript example of the documents that is marked `runnable`, as a reader would: beside gcd's module, with
// tsx, which reads them on every Node that we support.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { after, suite, test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

const documents = [...inFolder("."), ...inFolder("docs")];
const examples = documents.flatMap(examplesOf);

// Inside the package, so that "dure" is this package.
mkdirSync(".build", { recursive: true });
const folder = resolve(mkdtempSync(".build/documents-"));
after(() => rmSync(folder, { recursive: true }));
copyFileSync("examples/gcd/my_module.ts", join(folder, "my_module.ts"));
for (const example of examples) writeFileSync(example.path(), example.source);

interface Example {
  readonly name: string;
  readonly source: string;
  path(): string;
}

function inFolder(path: string): string[] {
  return readdirSync(path)
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(path, name));
}

function examplesOf(document: string): Example[] {
  const sources = [...readFileSync(document, "utf8").matchAll(/^```ts runnable\n(.*?)^```$/gms)].map(([, source = ""]) => source);
  return sources.map((source, index) => {
    const file = `${document.replaceAll(/[^a-zA-Z]/g, "-")}-${index + 1}.ts`;
    return { name: `example ${index + 1} of ${document}`, source, path: () => join(folder, file) };
  });
}

test("the README and each guide have examples that run", () => {
  for (const document of ["README.md", "docs/serial.md", "docs/event-loop.md", "docs/threads.md", "docs/processes.md", "docs/errors.md"]) {
    assert.ok(
      examples.some(({ name }) => name.endsWith(` of ${document}`)),
      document,
    );
  }
});

test("the examples in the documents have no type errors", () => {
  const flags = ["--ignoreConfig", "--noEmit", "--strict", "--module", "nodenext", "--target", "esnext", "--types", "node", "--allowImportingTsExtensions"];
  const paths = examples.map((example) => example.path());
  const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", ...flags, ...paths], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

suite("the examples in the documents run", { concurrency: 2 }, () => {
  for (const example of examples) {
    test(example.name, async () => {
      const { stderr } = await run(process.execPath, ["--import", "tsx", example.path()]);
      assert.equal(stderr, "");
    });
  }
});

test("the files that the documents name are there", () => {
  for (const document of documents) {
    for (const [, path = ""] of readFileSync(document, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      assert.ok(existsSync(join(dirname(document), path)), `${document} names ${path}`);
  }
});
