// Makes dist/cli/dure.js, which is what the `dure` command runs: all of the command as one module, beside dure.js, which it
// imports as any program does. As dozens of modules it would start in twice the time. A step of build.mjs.
import { chmodSync } from "node:fs";
import { build } from "esbuild";

const OUTPUT = "dist/cli/dure.js";

export async function bundleCli() {
  await build({
    entryPoints: ["dist/cli/main.js"],
    outfile: OUTPUT,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    // Readers of the package must be able to read what it runs.
    minify: false,
    packages: "external",
    plugins: [{ name: "dure", setup: (bundler) => bundler.onResolve({ filter: /\/index\.js$/ }, toDure) }],
  });
  // `npx dure` in a clone runs the file itself: npm 10 does not make it executable, as it does for an installed package.
  chmodSync(OUTPUT, 0o755);
}

function toDure({ path, resolveDir }) {
  return /[\\/]dist[\\/](cli|measure)\b/.test(resolveDir) && /^(\.\.\/)+index\.js$/.test(path) ? { path: "../dure.js", external: true } : undefined;
}
