// Runs each TypeScript example of the README that is marked `runnable`, as a reader would: beside gcd's module, with
// tsx, which reads them on every Node that we support.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const README = readFileSync("README.md", "utf8");
const examples = [...README.matchAll(/^```ts runnable\n(.*?)^```$/gms)].map(([, source = ""]) => source);

// Inside the package, so that "dure" is this package.
mkdirSync(".build", { recursive: true });
const folder = resolve(mkdtempSync(".build/readme-"));
after(() => rmSync(folder, { recursive: true }));
copyFileSync("examples/gcd/my_module.ts", join(folder, "my_module.ts"));

test("the README has examples that run", () => {
  assert.ok(examples.length >= 3, `${examples.length} examples`);
});

const paths = examples.map((source, index) => {
  const path = join(folder, `example-${index + 1}.ts`);
  writeFileSync(path, source);
  return path;
});

test("the README's examples have no type errors", () => {
  const flags = ["--ignoreConfig", "--noEmit", "--strict", "--module", "nodenext", "--target", "esnext", "--types", "node", "--allowImportingTsExtensions"];
  const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", ...flags, ...paths], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

for (const [index, source] of examples.entries()) {
  test(`example ${index + 1} of the README runs: ${source.split("\n").find((line) => line.includes("dure")) ?? ""}`, async () => {
    const { stderr } = await run(process.execPath, ["--import", "tsx", paths[index] ?? ""]);
    assert.equal(stderr, "");
  });
}

test("the files that the README names are there", () => {
  for (const [, path = ""] of README.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) assert.doesNotThrow(() => readFileSync(path), path);
});
