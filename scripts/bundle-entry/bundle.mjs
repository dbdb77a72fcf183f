// Makes dist/dure.js, which is what `import "dure"` loads, and the parts of dure that it loads when they are first needed:
// dist/dure-engine.cjs with the first pool, dist/dure-begin-thread.cjs before that, and so on.
//
// An import costs above all the compilation of what it loads, used or not. So dure.js holds what must be there at once,
// the public classes and functions, and the engine what all pools work with: pool, policy, codec, threads. Over a hundred
// modules instead of these few files would take several times as long. A step of build.mjs.
//
// The modules in SEAMS are where they meet: see ../bundle-seams.mjs.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { asPart, ENTRY, exportsOf, fromFront, modulesIn, PACKING_SEAMS, PARSER_SEAMS, replaceModules, sharing, stubs } from "../bundle-seams.mjs";

/** The modules that each part begins with. Those behind the engine use what that has. */
const SEAMS = {
  engine: ["executors/threads/open-thread-pool", "executors/threads/start-thread"],
  "begin-thread": ["executors/threads/begin-thread"],
  "begin-process": ["executors/processes/begin-process"],
};
const SEAMS_BEHIND_ENGINE = {
  advise: ["advise"],
  local: ["executors/pooled/open-local-pool"],
  map: ["combinators/map"],
  packing: PACKING_SEAMS,
  parser: PARSER_SEAMS,
  processes: ["executors/processes/open-process-pool", "executors/processes/start-process"],
};

/** Kilobytes at most that `import "dure"` compiles, beside the packed text of its parts: what slipped in is noticed here. */
const MOST_KILOBYTES = 100;

const LOADER = resolve("scripts/bundle-entry/engine-loader.js");

export async function bundleEntry() {
  const [first, behind] = await Promise.all([SEAMS, SEAMS_BEHIND_ENGINE].map(functionsOfAll));
  const seams = { ...first, ...behind };
  const front = stubsOf(seams, "part", `import { part } from ${JSON.stringify(LOADER)};`);
  const core = await bundle({ entry: 'export * from "./index.js";', format: "esm", plugins: [...front, packedText({}, "")] });
  const inCore = withoutSeams(core.inputs, seams);
  const parts = await bundleParts(seams, Object.keys(behind), inCore);

  const texts = Object.fromEntries(Object.entries(parts).map(([name, { code }]) => [name, asPart(code)]));
  const facts = Object.entries(texts).map(([name, text]) => [name, { stamp: writePart(name, text), isBehindEngine: Object.hasOwn(behind, name) }]);
  const { embeddedEntries } = await import(pathToFileURL(resolve("dist/transport/embedded-entries.generated.js")).href);
  const packed = pack({ parts: texts, workers: embeddedEntries() });
  const shared = inCore.filter((name) => Object.values(parts).some(({ inputs }) => inputs.includes(name)));
  const share = sharing(shared, ".js", `import { share } from ${JSON.stringify(LOADER)};`);
  const entry = await bundle({
    entry: `${share}\nexport * from "./index.js";`,
    format: "esm",
    plugins: [...front, packedText(Object.fromEntries(facts), packed)],
  });
  refuseGrowth(entry.code.length - packed.length);
  writeFileSync("dist/dure.js", withoutFacades(entry.code));
}

/**
 * For each of its modules that is imported Node makes a module of the other kind, which took two of the eight milliseconds
 * of an import of dure. Test runners that run modules in a realm of their own give them another `createRequire`, by import only.
 */
function withoutFacades(code) {
  const named = /^import \{ (.+) \} from "(node:(?!module")[^"]+)";$/gm;
  return code.replace(named, (_, names, module) => `const { ${names.replaceAll(" as ", ": ")} } = process.getBuiltinModule("${module}");`);
}

/** What several have is in the engine alone. Only workers are begun before it: what they have, too, is without state. */
async function bundleParts(seams, behind, inCore) {
  const bundleOne = (name, given, shared = []) => {
    const others = Object.fromEntries(Object.entries(seams).filter(([other]) => other !== name));
    const share = shared.length === 0 ? "" : sharing(shared, ".js", "const { share } = core;");
    return bundlePart(`${entryOf(seams[name])}\n${share}`, stubsOf(others, "core.part"), given);
  };
  const bundleAll = async (names, given) => Object.fromEntries(await Promise.all(names.map(async (name) => [name, await bundleOne(name, given)])));

  const alone = Object.values(await bundleAll(["engine", ...behind], inCore)).map(({ inputs }) => withoutSeams(inputs, seams));
  const inSeveral = (name) => alone.filter((names) => names.includes(name)).length > 1;
  const shared = [...new Set(alone.flat())].filter((name) => !inCore.includes(name) && inSeveral(name));
  const engine = await bundleOne("engine", inCore, shared);
  const parts = await bundleAll(behind, [...inCore, ...shared]);
  return { engine, ...parts, ...(await bundleAll(["begin-thread", "begin-process"], inCore)) };
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

/** The text is in a function so that V8 keeps it once, as source, until it is needed. */
function packedText(parts, packed) {
  return {
    name: "packed-text",
    setup(bundler) {
      bundler.onResolve({ filter: /^dure:text$/ }, ({ path }) => ({ path, namespace: "text" }));
      bundler.onLoad({ filter: /.*/, namespace: "text" }, () => ({
        contents: `export const PARTS = ${JSON.stringify(parts)};\nexport function packedText() { return ${JSON.stringify(packed)}; }`,
      }));
    },
  };
}

async function functionsOfAll(seams) {
  return Object.fromEntries(await Promise.all(Object.entries(seams).map(async ([part, names]) => [part, await functionsOf(names)])));
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
