// Builds, then runs the tests with node:test: all of them, or those whose path contains one of the arguments.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const build = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
if (build.status !== 0) process.exit(build.status ?? 1);

const wanted = process.argv.slice(2);
const files = readdirSync(".build/test", { recursive: true })
  .map((name) => `.build/test/${name}`)
  .filter((name) => name.endsWith(".test.js") && (wanted.length === 0 || wanted.some((part) => name.includes(part))));
const run = spawnSync(process.execPath, ["--test", "--test-timeout=60000", ...files.sort()], { stdio: "inherit" });
process.exit(run.status ?? 1);
