// Part of dist/dure.js: loads the engine, synchronously, as `new ThreadPoolExecutor()` and `submit` are synchronous. From
// the file beside dure.js; in a bundle, which has lost that file, from its text.
import { createRequire } from "node:module";
import { PACKED, STAMP } from "dure:text";

let modules;
let loaded;
let unpacked;

/** What dure.js and the engine both use: the engine must not have a second copy. */
export function share(namespaces) {
  modules = namespaces;
}

/** The functions of the seams. */
export function engine() {
  return (loaded ??= (fromFile() ?? fromText())({ modules, urlOf, text }));
}

/** Undefined in a bundle of CommonJS format, which has no URL. */
function urlOf(path) {
  return import.meta.url === undefined ? undefined : new URL(path, import.meta.url).href;
}

/** Undefined if the file is not there, or is another version's: a bundle may lie anywhere. */
function fromFile() {
  try {
    const open = (isMainRealm() ? compiled : createRequire(import.meta.url))("./dure-engine.cjs");
    return open.stamp === STAMP ? open : undefined;
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

function fromText() {
  const { Script, constants } = process.getBuiltinModule("node:vm");
  const script = new Script(`(function (module, require) {${text().engine}\n})`, {
    filename: "dure-engine.cjs",
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const made = { exports: undefined };
  script.runInThisContext()(made, process.getBuiltinModule);
  return made.exports;
}

/** The texts of the engine and of the files that workers start with. */
function text() {
  return (unpacked ??= JSON.parse(process.getBuiltinModule("node:zlib").brotliDecompressSync(Buffer.from(PACKED, "base64")).toString()));
}
