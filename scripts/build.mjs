// Builds dist/: the embedded parser, the self-contained worker entry, then the compiled sources, then what
// programs load of it, for import and in a CommonJS form.
import { spawnSync } from "node:child_process";
import "./embed-parser.mjs";
import { bundleCaptures } from "./bundle-captures.mjs";
import { bundleCli } from "./bundle-cli.mjs";
import { bundleCommonJs } from "./bundle-commonjs.mjs";
import { bundleEntry } from "./bundle-entry/bundle.mjs";
import { bundleSync } from "./bundle-sync.mjs";
import { removeStale } from "./remove-stale.mjs";

await import("./bundle-worker/bundle.mjs");
const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b", ...process.argv.slice(2)], { stdio: "inherit" });
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

removeStale("dist", "src", ["cjs"]);
removeStale(".build/test", "test");
await bundleEntry();
await bundleCommonJs();
await bundleCli();
await bundleSync();
await bundleCaptures();
