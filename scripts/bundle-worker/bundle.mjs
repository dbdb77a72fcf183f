// Bundles what workers start with into one file for threads and one for processes, as neither has a use for all that the
// other loads, and one for both that few tasks need: it is loaded then. Embeds the same code as strings for programs that
// bundle dure and leave the files behind. Runs before the compiler, which must see the generated source.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";
import { asPart, ENTRY, exportsOf, fromFront, modulesIn, PACKING_SEAMS, sharing, stubs } from "../bundle-seams.mjs";

const KINDS = ["thread", "process"];

const LOADER = `import { packing, share } from ${JSON.stringify(resolve("scripts/bundle-worker/packing-loader.js"))};`;

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

await bundleWorkers();

async function bundleWorkers() {
  const seams = await exportsOf("src", ".ts", PACKING_SEAMS);
  const alone = await Promise.all(KINDS.map((kind) => bundleEntry(kind, seams, [])));
  const inAll = alone[0].inputs.filter((name) => alone[1].inputs.includes(name) && !seams.has(name));
  const packing = await bundlePacking(await exportsOf("src", ".ts", inAll));
  const shared = packing.inputs.filter((name) => inAll.includes(name));
  const entries = await Promise.all(KINDS.map((kind) => bundleEntry(kind, seams, shared)));
  writeAll(
    entries.map(({ code }) => code),
    `module.exports = ${asPart(packing.code)};\n`,
  );
}

/** `shared`: its modules that packing uses, too. */
function bundleEntry(kind, seams, shared) {
  const before = { name: "before", setup: (bundler) => addModule(bundler, "dure:before", sharing(shared, ".ts", LOADER)) };
  return bundle(`import "dure:before";\nimport "./worker/${kind}-entry.ts";`, [before, stubs("src", seams, "packing()", LOADER)]);
}

function bundlePacking(exported) {
  return bundle(PACKING_SEAMS.map((name) => `export * from "./${name}.ts";`).join("\n"), [fromFront("src", exported, "core.modules")]);
}

/** The bundled code, and which of the sources are in it. */
async function bundle(entry, plugins) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: entry, resolveDir: "src", sourcefile: ENTRY },
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
    metafile: true,
    write: false,
    plugins,
  });
  return { code: outputFiles[0].text, inputs: modulesIn("src", metafile) };
}

function addModule(bundler, path, contents) {
  bundler.onResolve({ filter: new RegExp(`^${path}$`) }, () => ({ path, namespace: "made" }));
  bundler.onLoad({ filter: /.*/, namespace: "made" }, () => ({ contents, resolveDir: resolve("src") }));
}

/** The embedded ones have no file beside them, but the text of it. */
function writeAll(codes, packing) {
  const embedded = codes.map((code) => [`const PACKING_TEXT = ${JSON.stringify(packing)};`, code].join("\n"));
  const texts = Object.fromEntries(KINDS.map((kind, index) => [kind, embedded[index]]));
  KINDS.forEach((kind, index) => writeIfChanged("dist/worker", `dure-${kind}.cjs`, `const PACKING_TEXT = undefined;\n${codes[index]}`));
  writeIfChanged("dist/worker", "dure-packing.cjs", `// What few tasks need of a worker: loaded with the first that does.\n${packing}`);
  writeIfChanged("dist/worker", "dure-worker.cjs", LAUNCHER);
  writeIfChanged(
    "src/transport",
    "embedded-entries.generated.ts",
    `// Generated from src/worker by scripts/bundle-worker.\n\nexport function embeddedEntries(): Readonly<Record<"thread" | "process", string>> {\n  return ${JSON.stringify(texts)};\n}\n`,
  );
}

/** Unchanged files keep their time, so that the compiler skips what depends on them. */
function writeIfChanged(folder, name, text) {
  const path = `${folder}/${name}`;
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, text);
}
