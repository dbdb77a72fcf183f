// Makes dist/cjs/: all of dure as one CommonJS file, for what cannot require() an ES module, which is Jest above all.
// Node itself never loads it: its `module-sync` condition comes first, so that a program has one dure. A step of build.mjs.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { posix, relative, resolve } from "node:path";
import { build } from "esbuild";

const FOLDER = "dist/cjs";

export async function bundleCommonJs() {
  rmSync(FOLDER, { recursive: true, force: true });
  await build({
    entryPoints: ["dist/index.js"],
    outfile: `${FOLDER}/index.js`,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    define: { "import.meta.url": "importMetaUrl" },
    banner: { js: 'const urlOf = (path) => new URL(path, require("node:url").pathToFileURL(__dirname)).href;' },
    plugins: [{ name: "import-meta-url", setup: (bundler) => bundler.onLoad({ filter: /\.js$/ }, withUrlOfItsOwn) }],
  });
  copyDeclarations();
}

/** Each module keeps the URL that it has in dist/: worker entries are found relative to it. */
function withUrlOfItsOwn({ path }) {
  const contents = readFileSync(path, "utf8");
  const name = relative(resolve("dist"), path).replaceAll("\\", "/");
  return { contents: contents.includes("import.meta.url") ? `const importMetaUrl = urlOf("./${name}");${contents}` : contents };
}

/** The same declarations, in a folder whose package.json says that they describe CommonJS: those that the entry's refer to. */
function copyDeclarations() {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}/package.json`, '{ "type": "commonjs" }\n');
  const names = new Set(["index.d.ts", "sync/index.d.ts"]);
  // A set is iterated over what is added meanwhile, too.
  for (const name of names) {
    // Without comments: examples in them import, too.
    const text = readFileSync(`dist/${name}`, "utf8").replaceAll(/\/\*.*?\*\//gs, "");
    cpSync(`dist/${name}`, `${FOLDER}/${name}`);
    for (const [, path] of text.matchAll(/(?:from |import\()"(\.[^"]+)\.[jt]s"/g)) names.add(posix.join(posix.dirname(name), `${path}.d.ts`));
  }
}
