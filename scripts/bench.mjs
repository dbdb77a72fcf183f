// npm run bench: builds, then runs the benchmarks one after another, alone on the machine: all of them, or those whose
// name contains one of the arguments. `--json` and other options are handed on to them. `versus` as the first argument
// runs dure beside its peers instead.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { runVersus } from "./bench-versus.mjs";

const build = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
if (build.status !== 0) process.exit(build.status ?? 1);

const [first, ...rest] = process.argv.slice(2);
if (first === "versus") runVersus(rest);
else runBenchmarks(process.argv.slice(2));

function runBenchmarks(given) {
  const options = given.filter((argument) => argument.startsWith("-"));
  const parts = given.filter((argument) => !argument.startsWith("-"));
  const files = readdirSync(".build/bench")
    .filter((name) => name.endsWith(".bench.js") && (parts.length === 0 || parts.some((part) => name.includes(part))))
    .sort();

  if (files.length === 0) throw new Error(`No benchmark's name contains ${parts.join(" or ")}`);
  for (const file of files) {
    const { status } = spawnSync(process.execPath, [`.build/bench/${file}`, ...options], { stdio: "inherit" });
    if (status !== 0) process.exit(status ?? 1);
  }
}
