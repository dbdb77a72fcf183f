// Builds dist/: the embedded parser, the self-contained worker entry, then the compiled sources, then the CommonJS form of all.
import { spawnSync } from "node:child_process";
import "./embed-parser.mjs";
import { bundleCommonJs } from "./bundle-commonjs.mjs";
import { removeStale } from "./remove-stale.mjs";

await import("./bundle-worker.mjs");
const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b", ...process.argv.slice(2)], { stdio: "inherit" });
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

removeStale("dist", "src", ["cjs"]);
removeStale(".build/test", "test");
await bundleCommonJs();
