// An installation of dure from which no tsx can be found: a copy of dist, with links to what it depends on.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "dure-without-tsx-"));
after(() => rmSync(folder, { recursive: true }));
const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };

mkdirSync(join(folder, "node_modules"));
for (const name of Object.keys(dependencies)) symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
cpSync("dist", join(folder, "dist"), { recursive: true });
cpSync("package.json", join(folder, "package.json"));
writeFileSync(join(folder, "double.ts"), "export const double = (item: number): number => item * 2;\n");
writeFileSync(join(folder, "items.json"), "[1, 2]");

const args = ["dist/cli/dure.js", "compare", "double.ts#double", "--items", "items.json", "--rungs", "serial", "--json"];
const readsTypeScript = Boolean((process.features as { typescript?: unknown }).typescript);

test("dure compare runs TypeScript without tsx where Node reads it, and elsewhere says what to install", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  if (readsTypeScript) {
    assert.equal(status, 0);
    assert.equal(JSON.parse(stdout).function, "double");
    return;
  }
  assert.match(
    stderr,
    /^error: Cannot load double\.ts: Node [\d.]+ does not read TypeScript\. Use Node 22\.18 or later, or install tsx beside it: npm i -D tsx\n$/,
  );
  assert.equal(status, 2);
});
