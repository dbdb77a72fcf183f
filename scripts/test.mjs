// npm test: builds, then runs the tests with node:test: all but those that run the examples, or those whose path contains
// one of the arguments. `npm run examples` is this with the others: example programs, and what the documents show.
import { spawnSync } from "node:child_process";
import { testFiles } from "./test-run/files.mjs";
import { printSummary, runTests, succeeded } from "./test-run/run.mjs";

const build = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
if (build.status !== 0) process.exit(build.status ?? 1);

const parts = process.argv.slice(2);
const files = parts.length > 0 ? testFiles(parts) : testFiles([]).filter((file) => !file.includes("/examples/"));
if (files.length === 0) {
  console.error(`No test file's path contains ${parts.join(" or ")}`);
  process.exit(1);
}
const counts = await runTests({ files });
printSummary(counts);
process.exit(succeeded(counts) ? 0 : 1);
