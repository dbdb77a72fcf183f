// Functions and values cross in Vitest's tests, whose modules it transforms and runs in its own workers.
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { createWorkspace, type Workspace } from "./workspace.ts";

const VITEST = resolve("node_modules/vitest/vitest.mjs");

let workspace: Workspace;

before(() => {
  workspace = createWorkspace({ type: "module" });
  workspace.provide("vitest");
  for (const fixture of ["scenario.ts", "shapes.ts", "expected.json"]) workspace.copy(fixture);
  workspace.write(
    "scenario.test.ts",
    `import { expect, test } from "vitest";
     import expected from "./expected.json";
     import { scenario } from "./scenario";
     test("crosses", async () => expect(await scenario()).toEqual({ threads: expected, processes: expected }), 60_000);`,
  );
});

after(() => workspace.remove());

for (const pool of ["forks", "threads", "vmThreads"]) {
  test(`in the pool "${pool}"`, async () => {
    await workspace.node([VITEST, "run", `--pool=${pool}`, "--reporter=dot"], { env: { CI: "1" } });
  });
}

test("in two files that share their worker", async () => {
  workspace.write("again.test.ts", workspace.read("scenario.test.ts"));
  await workspace.node([VITEST, "run", "--no-isolate", "--reporter=dot"], { env: { CI: "1" } });
});
