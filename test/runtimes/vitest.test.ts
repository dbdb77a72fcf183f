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

test("import.meta.env is what it is in the test, also after it was stubbed", async () => {
  workspace.write("only/mode.ts", "export const modes = () => [import.meta.env.MODE, import.meta.env.DEV, import.meta.env.VITE_NAME];");
  workspace.write(
    "only/env.test.ts",
    `import { expect, test, vi } from "vitest";
     import { ThreadPoolExecutor } from "dure";
     import { modes } from "./mode";
     test("crosses", async () => {
       const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
       expect(await pool.submit(modes)).toEqual(["test", true, undefined]);
       vi.stubEnv("VITE_NAME", "Ada");
       expect(await pool.submit(modes)).toEqual(modes());
       expect(await pool.submit(() => import.meta.env.VITE_NAME)).toBe("Ada");
       await pool.shutdown();
     });`,
  );
  await workspace.node([VITEST, "run", "only", "--reporter=dot"], { env: { CI: "1" } });
});
