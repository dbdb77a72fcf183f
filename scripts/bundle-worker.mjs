// Bundles what workers start with into one self-contained file for threads and one for processes, as neither has a use for
// all that the other loads, and embeds the same code as strings for programs that bundle dure and leave the files behind.
// Runs before the compiler, which must see the generated source.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const KINDS = ["thread", "process"];

const result = await build({
  entryPoints: KINDS.map((kind) => `src/worker/${kind}-entry.ts`),
  outdir: "dist/worker",
  bundle: true,
  // CommonJS starts as a thread from a file and from a string, and as a process; `import()` works in each.
  format: "cjs",
  platform: "node",
  target: "node20.19",
  // Stacks must name our functions, and readers of the package must be able to read what it runs.
  minify: false,
  minifySyntax: true,
  legalComments: "inline",
  define: { "import.meta.url": "undefined" },
  write: false,
});

/** A loader in the worker, such as tsx, would rewrite the whole of the code first: six times the time that a thread takes to start. */
const LAUNCHER = `// Starts a worker: compiles the code beside this file without the program's loaders.
"use strict";
const { readFileSync } = require("node:fs");
const { Module } = require("node:module");
const { isMainThread } = require("node:worker_threads");
const path = require("node:path").join(__dirname, isMainThread ? "dure-process.cjs" : "dure-thread.cjs");
const code = new Module(path, module);
code.filename = path;
code.paths = module.paths;
code._compile(readFileSync(path, "utf8"), path);
`;

const codes = Object.fromEntries(KINDS.map((kind, index) => [kind, result.outputFiles[index].text]));
for (const kind of KINDS) writeIfChanged("dist/worker", `dure-${kind}.cjs`, codes[kind]);
writeIfChanged("dist/worker", "dure-worker.cjs", LAUNCHER);
writeIfChanged(
  "src/transport",
  "embedded-entries.generated.ts",
  `// Generated from src/worker by scripts/bundle-worker.mjs.\n\nexport function embeddedEntries(): Readonly<Record<"thread" | "process", string>> {\n  return ${JSON.stringify(codes)};\n}\n`,
);

/** Unchanged files keep their time, so that the compiler skips what depends on them. */
function writeIfChanged(folder, name, text) {
  const path = `${folder}/${name}`;
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, text);
}
