// Makes dist/dure.js, which is what `import "dure"` loads, and dist/dure-engine.cjs, which the first executor loads.
//
// An import costs above all the compilation of what it loads, used or not. So dure.js holds what must be there at once,
// the public classes and functions, and the engine what they work with: pools, codec, transports. Over a hundred modules
// instead of these two files would take several times as long. A step of build.mjs.
//
// The modules in SEAMS are where the two meet. They export functions only: dure.js has stubs of them, which load the
// engine when they are first called. What both sides use is in dure.js alone, which hands it to the engine.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";

const SEAMS = [
  "advise.js",
  "combinators/map.js",
  "executors/pooled/open-local-pool.js",
  "executors/processes/open-process-pool.js",
  "executors/processes/start-process.js",
  "executors/threads/open-thread-pool.js",
  "executors/threads/start-thread.js",
];

/** Kilobytes at most that `import "dure"` compiles, beside the packed text of the engine: what slipped in is noticed here. */
const MOST_KILOBYTES = 100;

const LOADER = resolve("scripts/bundle-entry/engine-loader.js");

export async function bundleEntry() {
  const seams = new Map(await Promise.all(SEAMS.map(async (name) => [name, await functionsOf(name)])));
  const core = await bundle({ entry: 'export * from "./index.js";', format: "esm", plugins: [stubs(seams), packedText("", "")] });
  const inCore = new Set(core.inputs.filter((name) => !seams.has(name)));
  const engine = await bundle({ entry: engineEntry(seams), format: "cjs", plugins: [fromCore(inCore), ownUrls()] });
  const shared = engine.inputs.filter((name) => inCore.has(name));

  // The parentheses make V8 compile the function at once, instead of reading it through first.
  const text = `module.exports = (function (core) { "use strict"; const module = { exports: {} };\n${engine.code}\nreturn module.exports; });\n`;
  const stamp = createHash("sha256").update(text).digest("hex").slice(0, 16);
  writeFileSync("dist/dure-engine.cjs", `// The part of dure that its first executor loads: see dure.js.\n${text}module.exports.stamp = "${stamp}";\n`);
  const packed = pack({ engine: text, workers: { thread: workerCode("thread"), process: workerCode("process") } });
  const entry = await bundle({ entry: coreEntry(shared), format: "esm", plugins: [stubs(seams), packedText(stamp, packed)] });
  refuseGrowth(entry.code.length - packed.length);
  writeFileSync("dist/dure.js", entry.code);
}

/** The bundled code, and which of the compiled modules are in it. */
async function bundle({ entry, format, plugins }) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: entry, resolveDir: "dist", sourcefile: "entry.js" },
    bundle: true,
    format,
    platform: "node",
    target: "node20.19",
    // Readers of the package must be able to read what it runs.
    minify: false,
    legalComments: "inline",
    metafile: true,
    write: false,
    plugins,
  });
  const inputs = Object.keys(metafile.inputs).filter((path) => path.startsWith("dist/") && path !== "dist/entry.js");
  return { code: outputFiles[0].text, inputs: inputs.map((path) => nameOf(resolve(path))) };
}

const workerCode = (kind) => readFileSync(`dist/worker/dure-${kind}.cjs`, "utf8");

const nameOf = (path) => relative(resolve("dist"), path).replaceAll("\\", "/");

/** dure.js gives the public entry, after it has told the loader what the engine shares with it. */
function coreEntry(shared) {
  const imports = shared.map((name, index) => `import * as shared${index} from "./${name}";`);
  const entries = shared.map((name, index) => `${JSON.stringify(name)}: shared${index}`);
  return [...imports, `import { share } from ${JSON.stringify(LOADER)};`, `share({ ${entries.join(", ")} });`, 'export * from "./index.js";'].join("\n");
}

function engineEntry(seams) {
  return [...seams.keys()].map((name) => `export * from "./${name}";`).join("\n");
}

/** In dure.js: seams whose functions load the engine. */
function stubs(seams) {
  const stub = (name) => `export function ${name}(...args) { return engine().${name}(...args); }`;
  return onLoad("stubs", (name) => {
    const functions = seams.get(name);
    return functions === undefined ? undefined : [`import { engine } from ${JSON.stringify(LOADER)};`, ...functions.map(stub)].join("\n");
  });
}

/** In the engine: what dure.js has already. */
function fromCore(inCore) {
  return onLoad("from-core", async (name) => {
    if (name === "transport/embedded-entries.generated.js") return "export const embeddedEntries = () => core.text().workers;";
    if (!inCore.has(name)) return undefined;
    const exported = (await exportsOf(name)).map(([key]) => `export const ${key} = shared.${key};`);
    return [`const shared = core.modules[${JSON.stringify(name)}];`, ...exported].join("\n");
  });
}

/** In the engine: each module keeps the URL that it has in dist/. Worker entries are found relative to it. */
function ownUrls() {
  return onLoad("own-urls", (name, contents) =>
    contents.includes("import.meta.url") ? contents.replaceAll("import.meta.url", `core.urlOf("./${name}")`) : undefined,
  );
}

function packedText(stamp, packed) {
  return {
    name: "packed-text",
    setup(bundler) {
      bundler.onResolve({ filter: /^dure:text$/ }, ({ path }) => ({ path, namespace: "text" }));
      bundler.onLoad({ filter: /.*/, namespace: "text" }, () => ({
        contents: `export const STAMP = ${JSON.stringify(stamp)};\nexport const PACKED = ${JSON.stringify(packed)};`,
      }));
    },
  };
}

/** A plugin that replaces the compiled modules for which `replace` gives text. */
function onLoad(name, replace) {
  const load = async ({ path }) => {
    const contents = await replace(nameOf(path), readFileSync(path, "utf8"));
    return contents === undefined ? undefined : { contents, resolveDir: resolve(path, "..") };
  };
  return { name, setup: (bundler) => bundler.onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, load) };
}

async function functionsOf(name) {
  const exported = await exportsOf(name);
  const other = exported.find(([, value]) => typeof value !== "function" || /^class\b/.test(String(value)));
  if (other !== undefined) throw new Error(`${name} is a seam between dure.js and its engine and must export functions only, but has ${other[0]}`);
  return exported.map(([key]) => key);
}

async function exportsOf(name) {
  return Object.entries(await import(pathToFileURL(resolve("dist", name)).href));
}

/** For programs that bundle dure and leave the files beside it behind. Both texts together: the codec is in both. */
function pack(texts) {
  const json = JSON.stringify(texts);
  return brotliCompressSync(json, { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: json.length } }).toString("base64");
}

function refuseGrowth(bytes) {
  if (bytes <= MOST_KILOBYTES * 1000) return;
  throw new Error(
    `dist/dure.js has ${Math.ceil(bytes / 1000)} KB to compile at each import, more than ${MOST_KILOBYTES}: keep what an executor works with behind the seams of scripts/bundle-entry`,
  );
}
