// Functions and values cross in TypeScript programs run by tsx, and by Node itself where it reads TypeScript.
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, test } from "node:test";
import { createWorkspace, EXPECTED, outcomesIn } from "./workspace.ts";

const TSX = pathToFileURL(resolve("node_modules/tsx/dist/loader.mjs")).href;
const FILES = ["main.ts", "scenario.ts", "shapes.ts"];

async function prints(type: "module" | "commonjs", args: readonly string[], ending = ""): Promise<void> {
  const workspace = createWorkspace({ type });
  try {
    for (const file of FILES) workspace.write(file, workspace.fixture(file).replaceAll(/from "(\.\/\w+)"/g, `from "$1${ending}"`));
    const output = await workspace.node(args);
    assert.deepEqual(outcomesIn(output), EXPECTED);
  } finally {
    workspace.remove();
  }
}

describe("tsx", () => {
  test("ES modules", () => prints("module", ["--import", TSX, "main.ts"], ".ts"));
  test("CommonJS modules", () => prints("commonjs", ["--import", TSX, "main.ts"]));
});

const reason = "typescript" in process.features && process.features.typescript !== false ? false : "this Node reads no TypeScript";

test("Node's own type stripping", { skip: reason }, () => prints("module", ["--disable-warning=ExperimentalWarning", "main.ts"], ".ts"));
