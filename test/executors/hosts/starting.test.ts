// Workers start however their program was started, and wherever its code is.

import { equal } from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, test } from "node:test";
import { build, type Format } from "esbuild";

const run = promisify(execFile);
const program = fileURLToPath(new URL("fixtures/both-hosts.js", import.meta.url));
const importProgram = `import(${JSON.stringify(program)})`;

const starts: readonly { readonly how: string; readonly args: readonly string[]; readonly env?: Record<string, string> }[] = [
  { how: "as a file", args: [program] },
  { how: "from --eval", args: ["--eval", importProgram] },
  { how: "from -p", args: ["-p", `${importProgram}, ""`] },
  { how: "from a module given with --eval", args: ["--input-type=module", "--eval", importProgram] },
  { how: "with V8 options, which threads cannot be given", args: ["--expose-gc", "--stack-size=1200", program] },
  { how: "with V8 options and --eval", args: ["--expose-gc", "--max-old-space-size=200", "--eval", importProgram] },
  { how: "with a module to import first", args: ["--import", "data:text/javascript,globalThis.first=1", program] },
  { how: "with NODE_OPTIONS", args: [program], env: { NODE_OPTIONS: "--no-warnings --max-old-space-size=200" } },
  { how: "with conditions and a module to require first", args: ["--conditions=special", "--require", "node:os", program] },
  { how: "with --title", args: ["--title=mine", program] },
  { how: "with rejections strict", args: ["--unhandled-rejections=strict", program] },
];

async function checkRun(args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const { stdout, stderr } = await run(process.execPath, args, { env: { ...process.env, ...env } });
  equal(stdout.trim(), "threads true 42 number\n0\nprocesses true 42 number\n0");
  equal(stderr, "");
}

describe("workers of a program started", () => {
  for (const { how, args, env } of starts) test(how, () => checkRun(args, env));
});

describe("workers of a program in a bundle, without any file of dure", () => {
  for (const format of ["esm", "cjs"] satisfies Format[]) {
    test(`of format ${format}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "dure-test-"));
      try {
        const outfile = join(folder, format === "esm" ? "bundle.mjs" : "bundle.cjs");
        await build({
          entryPoints: [program],
          outfile,
          bundle: true,
          format,
          platform: "node",
          logLevel: "error",
          logOverride: { "empty-import-meta": "silent" },
        });
        await checkRun([outfile]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
