// Part of dist/dure.js: loads the parts of dure that are behind it, synchronously, as `new ThreadPoolExecutor()` and `submit`
// are synchronous. From the files beside dure.js; in a bundle, which has lost them, from their texts.
import { createRequire } from "node:module";
import { packedText, PARTS } from "dure:text";

/** What is in front and behind: there must not be a second copy of it. By name. */
const modules = {};
const loaded = {};
let unpacked;

export function share(namespaces) {
  Object.assign(modules, namespaces);
}

/** The functions of the seams that a part is behind. */
export function part(name) {
  return (loaded[name] ??= open(name));
}

function open(name) {
  if (PARTS[name].isBehindEngine) part("engine");
  const load = fromFile(name) ?? fromText(name);
  return load({ modules, share, part, urlOf, text });
}

/** Undefined in a bundle of CommonJS format, which has no URL. */
function urlOf(path) {
  return import.meta.url === undefined ? undefined : new URL(path, import.meta.url).href;
}

/** Undefined if the file is not there, or is another version's: a bundle may lie anywhere. */
function fromFile(name) {
  try {
    const load = (isMainRealm() ? compiled : createRequire(import.meta.url))(`./dure-${name}.cjs`);
    return load.stamp === PARTS[name].stamp ? load : undefined;
  } catch {
    return undefined;
  }
}

/** Not required: a loader such as tsx would rewrite the whole file first, which takes longer than to start a thread. */
function compiled(name) {
  const { Module } = process.getBuiltinModule("node:module");
  const path = process.getBuiltinModule("node:url").fileURLToPath(new URL(name, import.meta.url));
  const made = new Module(path);
  made.filename = path;
  made._compile(process.getBuiltinModule("node:fs").readFileSync(path, "utf8"), path);
  return made.exports;
}

/** Jest runs modules in a realm of its own, where errors must be those of that realm. */
function isMainRealm() {
  return process.getBuiltinModule("node:vm").runInThisContext("Object") === Object;
}

function fromText(name) {
  const { Script, constants } = process.getBuiltinModule("node:vm");
  const script = new Script(`(function (require) { return ${text().parts[name]}; })`, {
    filename: `dure-${name}.cjs`,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return script.runInThisContext()(process.getBuiltinModule);
}

/** The texts of the parts, and of the files that workers start with. */
function text() {
  return (unpacked ??= JSON.parse(process.getBuiltinModule("node:zlib").brotliDecompressSync(Buffer.from(packedText(), "base64")).toString()));
}
