// Makes dist/captures.js, which is what "dure/captures" is: src/captures in one file, with the parts of the codec that it
// uses, as it is loaded before every program that asks for it. A step of build.mjs.
import { build } from "esbuild";

export async function bundleCaptures() {
  await build({
    entryPoints: ["dist/captures/index.js"],
    outfile: "dist/captures.js",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    // Readers of the package must be able to read what it runs.
    minify: false,
    legalComments: "inline",
  });
}
