// Makes dist/cli/dure.js, which is what the `dure` command runs: all of the command as one module, beside dure.js, which it
// imports as any program does. As dozens of modules it would start in twice the time. A step of build.mjs.
import { chmodSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const FOLDER = "dist/cli";
/** In the same folder: each imports `../dure.js`. */
const PART = "dure-part-";

export async function bundleCli() {
  for (const name of readdirSync(FOLDER)) if (name.startsWith(PART)) rmSync(`${FOLDER}/${name}`);
  await build({
    entryPoints: {
      dure: `${FOLDER}/main.js`,
      // Its functions cross to workers: the file that they are in is parsed first, and should be short.
      [`${PART}line-function`]: `${FOLDER}/map/line-function.js`,
    },
    outdir: FOLDER,
    bundle: true,
    // What only one command needs, and loads itself, is in a file of its own.
    splitting: true,
    chunkNames: `${PART}[name]-[hash]`,
    format: "esm",
    platform: "node",
    target: "node20.19",
    // Readers of the package must be able to read what it runs.
    minify: false,
    packages: "external",
    plugins: [{ name: "dure", setup: (bundler) => bundler.onResolve({ filter: /\/index\.js$/ }, toDure) }],
  });
  // `npx dure` in a clone runs the file itself: npm 10 does not make it executable, as it does for an installed package.
  chmodSync(`${FOLDER}/dure.js`, 0o755);
}

function toDure({ path, resolveDir }) {
  return /[\\/]dist[\\/](cli|measure)\b/.test(resolveDir) && /^(\.\.\/)+index\.js$/.test(path) ? { path: "../dure.js", external: true } : undefined;
}
