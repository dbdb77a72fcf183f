// Makes dist/dure.js: all of dure as one ES module, which is what `import "dure"` loads. As well over a hundred modules
// it would take three times as long to load. A step of build.mjs.
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { build } from "esbuild";

export async function bundleEntry() {
  await build({
    entryPoints: ["dist/index.js"],
    outfile: "dist/dure.js",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    // Readers of the package must be able to read what it runs.
    minify: false,
    legalComments: "inline",
    define: { "import.meta.url": "importMetaUrl" },
    // A bundler that makes CommonJS of it leaves no URL: workers then start from the code that is embedded.
    banner: { js: "const urlOf = (path) => (import.meta.url === undefined ? undefined : new URL(path, import.meta.url).href);" },
    plugins: [{ name: "import-meta-url", setup: (bundler) => bundler.onLoad({ filter: /\.js$/ }, withUrlOfItsOwn) }],
  });
}

/** Each module keeps the URL that it has in dist/: worker entries are found relative to it. */
function withUrlOfItsOwn({ path }) {
  const contents = readFileSync(path, "utf8");
  const name = relative(resolve("dist"), path).replaceAll("\\", "/");
  return { contents: contents.includes("import.meta.url") ? `const importMetaUrl = /* @__PURE__ */ urlOf("./${name}");${contents}` : contents };
}
