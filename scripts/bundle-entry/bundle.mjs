// Makes dist/dure.js, which is what `import "dure"` loads, and the parts of dure that it loads when they are first needed:
// dist/dure-begin-thread.cjs or dist/dure-begin-process.cjs with the first worker, dist/dure-engine.cjs with the first
// pool, dist/dure-packing.cjs with the first function that crosses.
//
// An import costs above all the compilation of what it loads, used or not. So dure.js holds what must be there at once,
// the public classes and functions, and the engine what they work with: pools, codec, transports. Over a hundred modules
// instead of these few files would take several times as long. A step of build.mjs.
//
// The modules in SEAMS are where they meet: see ../bundle-seams.mjs.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { asPart, ENTRY, exportsOf, fromFront, modulesIn, PACKING_SEAMS, replaceModules, sharing, stubs } from "../bundle-seams.mjs";

/** The modules that each part begins with. */
const SEAMS = {
  engine: [
    "advise",
    "combinators/map",
    "executors/pooled/open-local-pool",
    "executors/processes/open-process-pool",
    "executors/processes/start-process",
    "executors/threads/open-thread-pool",
    "executors/threads/start-thread",
  ],
  packing: PACKING_SEAMS,
  "begin-thread": ["executors/threads/begin-thread"],
  "begin-process": ["executors/processes/begin-process"],
};

/** Kilobytes at most that `import "dure"` compiles, beside the packed text of its parts: what slipped in is noticed here. */
const MOST_KILOBYTES = 100;

const LOADER = resolve("scripts/bundle-entry/engine-loader.js");

export async function bundleEntry() {
  const seams = Object.fromEntries(await Promise.all(Object.entries(SEAMS).map(async ([part, names]) => [part, await functionsOf(names)])));
  const front = stubsOf(seams, "part", `import { part } from ${JSON.stringify(LOADER)};`);
  const core = await bundle({ entry: 'export * from "./index.js";', format: "esm", plugins: [...front, packedText({}, "")] });
  const inCore = withoutSeams(core.inputs, seams);
  const parts = await bundleParts(seams, inCore);

  const texts = Object.fromEntries(Object.entries(parts).map(([name, { code }]) => [name, asPart(code)]));
  const stamps = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, writePart(name, text)]));
  const { embeddedEntries } = await import(pathToFileURL(resolve("dist/transport/embedded-entries.generated.js")).href);
  const packed = pack({ parts: texts, workers: embeddedEntries() });
  const shared = inCore.filter((name) => Object.values(parts).some(({ inputs }) => inputs.includes(name)));
  const share = sharing(shared, ".js", `import { share } from ${JSON.stringify(LOADER)};`);
  const entry = await bundle({ entry: `${share}\nexport * from "./index.js";`, format: "esm", plugins: [...front, packedText(stamps, packed)] });
  refuseGrowth(entry.code.length - packed.length);
  writeFileSync("dist/dure.js", entry.code);
}

/** Packing is loaded after the engine, and uses what that has. Workers are begun before; what both have is without state. */
async function bundleParts({ engine: engineSeams, ...seams }, inCore) {
  const bundleEngine = (shared) =>
    bundlePart(`${entryOf(engineSeams)}\n${sharing(shared, ".js", "const { share } = core;")}`, stubsOf(seams, "core.part"), inCore);
  const inEngine = withoutSeams((await bundleEngine([])).inputs, seams).filter((name) => !inCore.includes(name));
  const packing = await bundlePart(entryOf(seams.packing), [], [...inCore, ...inEngine]);
  const engine = await bundleEngine(packing.inputs.filter((name) => inEngine.includes(name)));
  const [thread, process] = await Promise.all(["begin-thread", "begin-process"].map((name) => bundlePart(entryOf(seams[name]), [], inCore)));
  return { engine, packing, "begin-thread": thread, "begin-process": process };
}

/** Stubs of each part's seams. `part`: the expression of what loads it. */
function stubsOf(seams, part, imports) {
  return Object.entries(seams).map(([name, functions]) => stubs("dist", functions, `${part}(${JSON.stringify(name)})`, imports));
}

function withoutSeams(names, seams) {
  return names.filter((name) => !Object.values(seams).some((functions) => functions.has(name)));
}

/** `given`: the modules that it is given. */
async function bundlePart(entry, plugins, given) {
  const exported = await exportsOf("dist", ".js", given);
  return bundle({ entry, format: "cjs", plugins: [...plugins, embeddedWorkers(), fromFront("dist", exported, "core.modules"), ownUrls()] });
}

/** The bundled code, and which of the compiled modules are in it. */
async function bundle({ entry, format, plugins }) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: entry, resolveDir: "dist", sourcefile: ENTRY },
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
  return { code: outputFiles[0].text, inputs: modulesIn("dist", metafile) };
}

function entryOf(seams) {
  return [...seams.keys()].map((name) => `export * from "./${name}.js";`).join("\n");
}

/** Writes a part of dure beside dure.js. Returns what tells it from that of another version. */
function writePart(name, text) {
  const stamp = createHash("sha256").update(text).digest("hex").slice(0, 16);
  writeFileSync(
    `dist/dure-${name}.cjs`,
    `// A part of dure that is loaded when first needed: see dure.js.\nmodule.exports = ${text};\nmodule.exports.stamp = "${stamp}";\n`,
  );
  return stamp;
}

function embeddedWorkers() {
  return replaceModules("embedded-workers", "dist", (name) =>
    name === "transport/embedded-entries.generated" ? "export const embeddedEntries = () => core.text().workers;" : undefined,
  );
}

/** Behind: each module keeps the URL that it has in dist/. Worker entries are found relative to it. */
function ownUrls() {
  return replaceModules("own-urls", "dist", (name, contents) =>
    contents.includes("import.meta.url") ? contents.replaceAll("import.meta.url", `core.urlOf("./${name}.js")`) : undefined,
  );
}

function packedText(stamps, packed) {
  return {
    name: "packed-text",
    setup(bundler) {
      bundler.onResolve({ filter: /^dure:text$/ }, ({ path }) => ({ path, namespace: "text" }));
      bundler.onLoad({ filter: /.*/, namespace: "text" }, () => ({
        contents: `export const STAMPS = ${JSON.stringify(stamps)};\nexport const PACKED = ${JSON.stringify(packed)};`,
      }));
    },
  };
}

/** What each seam exports, which must be functions. */
async function functionsOf(seams) {
  return new Map(await Promise.all(seams.map(async (name) => [name, await functionNames(name)])));
}

async function functionNames(name) {
  const exported = Object.entries(await import(pathToFileURL(resolve("dist", `${name}.js`)).href));
  const other = exported.find(([, value]) => typeof value !== "function" || /^class\b/.test(String(value)));
  if (other !== undefined) throw new Error(`${name} is a seam between two parts of dure and must export functions only, but has ${other[0]}`);
  return exported.map(([key]) => key);
}

/** For programs that bundle dure and leave the files beside it behind. All texts together: much is in several of them. */
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
