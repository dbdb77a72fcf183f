// Bundles what a worker starts with into one self-contained file, and embeds the same code as a string for programs
// that bundle dure and leave the file behind. Runs before the compiler, which must see the generated source.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const result = await build({
  entryPoints: ["src/worker/worker-entry.ts"],
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
const path = require("node:path").join(__dirname, "dure-worker-code.cjs");
const code = new Module(path, module);
code.filename = path;
code.paths = module.paths;
code._compile(readFileSync(path, "utf8"), path);
`;

const code = result.outputFiles[0].text;
writeIfChanged("dist/worker", "dure-worker-code.cjs", code);
writeIfChanged("dist/worker", "dure-worker.cjs", LAUNCHER);
writeIfChanged(
  "src/transport",
  "embedded-entry.generated.ts",
  `// Generated from src/worker by scripts/bundle-worker.mjs.\n\nexport function embeddedEntry(): string {\n  return ${JSON.stringify(code)};\n}\n`,
);

/** Unchanged files keep their time, so that the compiler skips what depends on them. */
function writeIfChanged(folder, name, text) {
  const path = `${folder}/${name}`;
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, text);
}
