// Functions and values cross in Jest's tests, which run in contexts of node:vm with a module system of Jest's own.
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { createWorkspace, fixturePath, shapesFrom, type Workspace } from "./workspace.ts";

const JEST = resolve("node_modules/jest/bin/jest.js");

async function withWorkspace(type: "module" | "commonjs", body: (workspace: Workspace) => Promise<unknown>): Promise<void> {
  const workspace = createWorkspace({ type });
  try {
    workspace.copy("expected.json");
    await body(workspace);
  } finally {
    workspace.remove();
  }
}

async function runJest(workspace: Workspace, { node = [], jest = [] }: { node?: string[]; jest?: string[] } = {}): Promise<void> {
  // Jest prints its report to stderr.
  await workspace.node([...node, JEST, "--runInBand", ...jest], { env: { CI: "1" }, mayWriteToStderr: true });
}

describe("Jest", () => {
  test("CommonJS with its default transform", () =>
    withWorkspace("commonjs", async (workspace) => {
      await workspace.bundle("shapes.js", { entryPoints: [fixturePath("shapes.ts")], format: "cjs" });
      await workspace.bundle("scenario.js", { entryPoints: [fixturePath("scenario.ts")], format: "cjs", plugins: [shapesFrom("./shapes.js")] });
      workspace.write("scenario.test.js", COMMONJS_TEST);
      await runJest(workspace);
    }));

  test("CommonJS with coverage", () =>
    withWorkspace("commonjs", async (workspace) => {
      await workspace.bundle("scenario.js", { entryPoints: [fixturePath("scenario.ts")], format: "cjs" });
      workspace.write("scenario.test.js", COMMONJS_TEST);
      await runJest(workspace, { jest: ["--coverage", "--coverageReporters=json"] });
    }));

  test("native ES modules", () =>
    withWorkspace("module", async (workspace) => {
      await workspace.bundle("shapes.js", { entryPoints: [fixturePath("shapes.ts")], format: "esm" });
      await workspace.bundle("scenario.js", { entryPoints: [fixturePath("scenario.ts")], format: "esm", plugins: [shapesFrom("./shapes.js")] });
      workspace.write("scenario.test.js", ES_MODULE_TEST);
      await runJest(workspace, { node: ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"], jest: ["--transform={}"] });
    }));
});

const COMMONJS_TEST = `
  const expected = require("./expected.json");
  const { scenario } = require("./scenario");
  test("crosses", async () => expect(await scenario()).toEqual({ threads: expected, processes: expected }), 60_000);`;

const ES_MODULE_TEST = `
  import { readFileSync } from "node:fs";
  import { scenario } from "./scenario.js";
  const expected = JSON.parse(readFileSync("expected.json", "utf8"));
  test("crosses", async () => expect(await scenario()).toEqual({ threads: expected, processes: expected }), 60_000);`;
