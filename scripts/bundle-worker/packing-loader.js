// Part of the files that workers start with: loads what packs functions and values that are more than trees, which few
// tasks need. From the file beside; where dure is inside a bundle, from its text.

/** What is in front and behind: there must not be a second copy of it. By name. */
let modules;
let loaded;

export function share(namespaces) {
  modules = namespaces;
}

export function packing() {
  return (loaded ??= open()({ modules }));
}

function open() {
  const { Script, constants } = require("node:vm");
  const path = PACKING_TEXT === undefined ? require("node:path").join(__dirname, "dure-packing.cjs") : __filename;
  const text = PACKING_TEXT ?? require("node:fs").readFileSync(path, "utf8");
  const script = new Script(`(function (module, require) {${text}\n})`, { filename: path, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
  const made = { exports: undefined };
  script.runInThisContext()(made, require);
  return made.exports;
}
