// Makes dist/sync.js and dist/cjs/sync.js, which are what "dure/sync" is: src/sync in one file, whose errors are those of
// dure itself, so that a program has one class of each. A step of build.mjs.
import { build } from "esbuild";

export async function bundleSync() {
  await bundle("esm", "dist/sync.js", "./dure.js");
  await bundle("cjs", "dist/cjs/sync.js", "./index.js");
}

function bundle(format, outfile, dure) {
  return build({
    entryPoints: ["dist/sync/index.js"],
    outfile,
    bundle: true,
    format,
    platform: "node",
    target: "node20.19",
    // Readers of the package must be able to read what it runs.
    minify: false,
    legalComments: "inline",
    plugins: [{ name: "errors-of-dure", setup: (bundler) => bundler.onResolve({ filter: /\/contract\/errors\.js$/ }, () => ({ path: dure, external: true })) }],
  });
}
