// What a file that is loaded at once and one that is loaded when first needed have in common. They meet at modules, the
// seams, that export functions only: in front there are stubs of them, which load what is behind when they are first
// called. What both sides use is in front alone, which hands it to what is behind.
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { build } from "esbuild";

/** What packs functions and values that are more than trees: with its parser, most of what a worker would compile and hardly ever run. */
export const PACKING_SEAMS = ["codec/functions/dissect", "codec/functions/inspection", "codec/values/makers", "codec/values/walk"];

/** The parser itself. */
export const PARSER_SEAMS = ["codec/functions/parser-source.generated"];

/** What a bundle's entry is called: it is no file. */
export const ENTRY = "entry.js";

/** In front: `load` is the expression that loads what is behind, `imports` what that needs. `seams`: the functions of each module. */
export function stubs(root, seams, load, imports = "") {
  const stub = (name) => `export function ${name}(...args) { return (behind ??= ${load}).${name}(...args); }`;
  return replaceModules("stubs", root, (name) => {
    const functions = seams.get(name);
    return functions === undefined ? undefined : [imports, "let behind;", ...functions.map(stub)].join("\n");
  });
}

/** Behind: what is in front already, in `modules` by its name. `exported`: what each module exports. */
export function fromFront(root, exported, modules) {
  return replaceModules("from-front", root, (name) => {
    const names = exported.get(name);
    return names && [`const shared = ${modules}[${JSON.stringify(name)}];`, ...names.map((key) => `export const ${key} = shared.${key};`)].join("\n");
  });
}

/** In front: gives `share` the modules that what is behind uses, too. `imports`: where `share` is from. */
export function sharing(names, ending, imports = "") {
  const namespaces = names.map((name, index) => `import * as shared${index} from "./${name}${ending}";`);
  const entries = names.map((name, index) => `${JSON.stringify(name)}: shared${index}`);
  return [...namespaces, imports, `share({ ${entries.join(", ")} });`].join("\n");
}

/** A plugin that replaces the modules of a folder for which `replace` gives text, asked by their path in it without the ending. */
export function replaceModules(name, root, replace) {
  const load = ({ path }) => {
    const contents = replace(nameIn(root, path), readFileSync(path, "utf8"));
    return contents === undefined ? undefined : { contents, resolveDir: resolve(path, "..") };
  };
  return { name, setup: (bundler) => bundler.onLoad({ filter: /\.[jt]s$/ }, (file) => (file.namespace === "file" ? load(file) : undefined)) };
}

/** The modules of a folder that went into a bundle, but for the entry that was made for it. */
export function modulesIn(root, metafile) {
  const paths = Object.keys(metafile.inputs).filter((path) => path.startsWith(`${root}/`) && path !== `${root}/${ENTRY}`);
  return paths.map((path) => nameIn(root, resolve(path)));
}

/** What modules export, as they are called: a map by name. */
export async function exportsOf(root, ending, names) {
  const entryPoints = names.map((name) => `${root}/${name}${ending}`);
  const { metafile } = await build({ entryPoints, outdir: ".", outbase: root, format: "esm", write: false, metafile: true });
  return new Map(Object.entries(metafile.outputs).map(([path, { exports }]) => [path.slice(0, -".js".length), exports]));
}

/** What is behind, as an expression: a function of what the front gives it. For its parentheses V8 compiles it at once, instead of reading it through first. */
export function asPart(code) {
  return `(function (core) { "use strict"; const module = { exports: {} };\n${code}\nreturn module.exports; })`;
}

function nameIn(root, path) {
  return relative(resolve(root), path)
    .replaceAll("\\", "/")
    .replace(/\.[jt]s$/, "");
}
