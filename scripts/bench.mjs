// npm run bench: builds, then runs the benchmarks one after another, alone on the machine: all of them, or those whose
// name contains one of the arguments. `--json` is handed on to them.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const build = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
if (build.status !== 0) process.exit(build.status ?? 1);

const options = process.argv.slice(2).filter((argument) => argument.startsWith("-"));
const parts = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const files = readdirSync(".build/bench")
  .filter((name) => name.endsWith(".bench.js") && (parts.length === 0 || parts.some((part) => name.includes(part))))
  .sort();

if (files.length === 0) throw new Error(`No benchmark's name contains ${parts.join(" or ")}`);
for (const file of files) {
  const { status } = spawnSync(process.execPath, [`.build/bench/${file}`, ...options], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
