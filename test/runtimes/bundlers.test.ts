// dure inside of a bundle: one file in an empty folder, with no file of dure's beside it.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, test } from "node:test";
import { build as viteBuild, type InlineConfig } from "vite";
import { createWorkspace, EXPECTED, type Workspace, outcomesIn } from "./workspace.ts";

let workspace: Workspace;

beforeEach(() => {
  workspace = createWorkspace();
});

afterEach(() => workspace.remove());

async function runsAlone(name: string, args: readonly string[] = []): Promise<void> {
  rmSync(workspace.path("node_modules"), { recursive: true });
  assert.deepEqual(outcomesIn(await workspace.node([...args, name])), EXPECTED);
}

describe("esbuild", () => {
  for (const format of ["esm", "cjs"] as const) {
    for (const minify of [false, true]) {
      test(`${format}${minify ? ", minified" : ""}`, async () => {
        const name = format === "esm" ? "bundle.mjs" : "bundle.cjs";
        await workspace.bundle(name, { format, minify, external: [], nodePaths: [workspace.path("node_modules")] });
        await runsAlone(name);
      });
    }
  }

  test("minified, with names kept", async () => {
    await workspace.bundle("bundle.mjs", { format: "esm", minify: true, keepNames: true, external: [], nodePaths: [workspace.path("node_modules")] });
    await runsAlone("bundle.mjs");
  });
});

describe("Vite", () => {
  async function bundle(build: InlineConfig["build"]): Promise<void> {
    for (const fixture of ["main.ts", "scenario.ts", "shapes.ts"]) workspace.copy(fixture);
    await viteBuild({
      root: workspace.folder,
      configFile: false,
      logLevel: "error",
      ssr: { noExternal: true, target: "node" },
      build: { outDir: "out", ...build },
    });
  }

  test("a bundle for the server", async () => {
    await bundle({ ssr: "main.ts", rollupOptions: { output: { entryFileNames: "bundle.mjs" } } });
    await runsAlone("out/bundle.mjs");
  });

  test("a minified one", async () => {
    await bundle({ ssr: "main.ts", minify: true, rollupOptions: { output: { entryFileNames: "bundle.mjs" } } });
    await runsAlone("out/bundle.mjs");
  });
});
