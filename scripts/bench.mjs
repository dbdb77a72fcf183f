// npm run bench: builds, then runs the benchmarks one after another, alone on the machine: all of them, or those whose
// name contains one of the arguments. `--json` and other options (`--name=value`) are handed on to them.
//
//   npm run bench -- [BENCH ...] [--json] [--name=value ...]
//   npm run bench -- [BENCH ...] --base REV [--rounds N]     this tree against another commit, in turn
//   npm run bench -- versus [...]                            dure beside its peers
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { runAgainstBase } from "./bench-base.mjs";
import { runVersus } from "./bench-versus.mjs";

const build = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
if (build.status !== 0) process.exit(build.status ?? 1);

const given = process.argv.slice(2);
if (given[0] === "versus") runVersus(given.slice(1));
else runBenchmarks();

function runBenchmarks() {
  const base = takeOption("--base");
  // Of a benchmark alone it is an option of its own.
  const rounds = base === undefined ? undefined : Number(takeOption("--rounds") ?? 5);
  const options = given.filter((argument) => argument.startsWith("-"));
  const parts = given.filter((argument) => !argument.startsWith("-"));
  const files = readdirSync(".build/bench")
    .filter((name) => name.endsWith(".bench.js") && (parts.length === 0 || parts.some((part) => name.includes(part))))
    .sort();

  if (files.length === 0) throw new Error(`No benchmark's name contains ${parts.join(" or ")}`);
  if (base === undefined) runAlone(files, options);
  else runAgainstBase(files, options, { base, rounds });
}

/** Takes `--name VALUE` or `--name=VALUE` out of what was given. */
function takeOption(name) {
  const index = given.findIndex((argument) => argument === name || argument.startsWith(`${name}=`));
  if (index === -1) return undefined;
  const [option, value] = given.splice(index, given[index] === name ? 2 : 1);
  return value ?? option.slice(name.length + 1);
}

function runAlone(files, options) {
  for (const file of files) {
    const { status } = spawnSync(process.execPath, [`.build/bench/${file}`, ...options], { stdio: "inherit" });
    if (status !== 0) process.exit(status ?? 1);
  }
}
