// Functions and values cross under Node however the program was given to it.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { createInstrumenter } from "istanbul-lib-instrument";
import { createWorkspace, EXPECTED, fixturePath, type RunOptions, shapesFrom, type Workspace, outcomesIn } from "./workspace.ts";

let workspace: Workspace;

before(async () => {
  workspace = createWorkspace();
  await workspace.bundle("program.mjs", { format: "esm" });
  await workspace.bundle("program.cjs", { format: "cjs" });
});

after(() => workspace.remove());

async function prints(args: readonly string[], options?: RunOptions): Promise<void> {
  const output = await workspace.node(args, options);
  assert.deepEqual(outcomesIn(output), EXPECTED);
}

const source = (name: string): string => workspace.read(name);

describe("files", () => {
  test("ES modules", async () => {
    await workspace.bundle("shapes.mjs", { entryPoints: [fixturePath("shapes.ts")], format: "esm" });
    await workspace.bundle("separate.mjs", { format: "esm", plugins: [shapesFrom("./shapes.mjs")] });
    await prints(["separate.mjs"]);
  });

  test("CommonJS modules", async () => {
    await workspace.bundle("shapes.cjs", { entryPoints: [fixturePath("shapes.ts")], format: "cjs" });
    await workspace.bundle("separate.cjs", { format: "cjs", plugins: [shapesFrom("./shapes.cjs")] });
    await prints(["separate.cjs"]);
  });

  test("an ES module of one file", () => prints(["program.mjs"]));
  test("a CommonJS module of one file", () => prints(["program.cjs"]));
});

describe("programs without a file", () => {
  test("node -e", () => prints(["-e", source("program.cjs")]));
  test("node --input-type=module -e", () => prints(["--input-type=module", "-e", source("program.mjs")]));
  test("node -p", () => prints(["-p", `${source("program.cjs")}; "end"`]));
  test("node with a script on its standard input", () => prints(["-"], { stdin: source("program.cjs") }));
  test("node with a module on its standard input", () => prints(["--input-type=module", "-"], { stdin: source("program.mjs") }));
});

describe("node:vm", () => {
  const runner = (call: string): string =>
    `const { runInThisContext, runInNewContext } = require("node:vm");
     const source = "(function (require, module, exports) {" + require("node:fs").readFileSync("program.cjs", "utf8") + "})";
     ${call}(require, module, exports);`;

  test("runInThisContext", async () => {
    workspace.write("this-context.cjs", runner('runInThisContext(source, { filename: "virtual.js" })'));
    await prints(["this-context.cjs"]);
  });

  // A builtin of another context has no name that a worker could find it by.
  test("runInNewContext, whose classes are refused if they extend one of its own builtins", async () => {
    workspace.write("new-context.cjs", runner('runInNewContext(source, { console, setTimeout }, { filename: "virtual.js" })'));
    const outcomes = outcomesIn(await workspace.node(["new-context.cjs"])) as Record<"threads" | "processes", { error: unknown[] }>;
    for (const rung of ["threads", "processes"] as const) {
      const { error, ...others } = outcomes[rung];
      const { error: _differs, ...expected } = EXPECTED[rung];
      assert.deepEqual(others, expected);
      assert.match(String(error[1]), /^Cannot send the function "RangeError" \(Missing's superclass\)/);
    }
  });
});

describe("instrumented and mapped code", () => {
  test("--enable-source-maps", async () => {
    await workspace.bundle("mapped.mjs", { format: "esm", sourcemap: true, minify: true });
    await prints(["--enable-source-maps", "mapped.mjs"]);
  });

  test("NODE_V8_COVERAGE", async () => {
    await prints(["program.mjs"], { env: { NODE_V8_COVERAGE: workspace.path("coverage") } });
    assert.ok(readdirSync(workspace.path("coverage")).length > 0);
  });

  test("code with istanbul's counters", async () => {
    const instrumenter = createInstrumenter({ esModules: true });
    workspace.write("counted.mjs", instrumenter.instrumentSync(source("program.mjs"), workspace.path("counted.mjs")));
    await prints(["counted.mjs"]);
  });
});
