// npm run chaos: builds, then runs the long forms of the tests that have one: all of them, or those whose path contains
// one of the arguments. `--seed N` repeats a run: the same order, the same random choices.
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { testFiles } from "./test-run/files.mjs";
import { printSummary, runTests, succeeded } from "./test-run/run.mjs";

/** Parts of the paths of test files that look at DURE_CHAOS (test/chaos.ts). */
const LONG_FORMS = ["/faults/", "/policy/pool-policy.model.", "/pool/pool.model.", "/soak/", "/cli/map/kill."];

const { seed, parts } = readArguments(process.argv.slice(2));
const build = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
if (build.status !== 0) process.exit(build.status ?? 1);

const files = testFiles(LONG_FORMS).filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
console.log(`seed ${seed}`);
process.env.DURE_CHAOS = "1";
process.env.DURE_CHAOS_SEED = String(seed);
const counts = await runTests({ files });
printSummary(counts);
console.log(`# to repeat: npm run chaos -- --seed ${seed}${parts.map((part) => ` ${part}`).join("")}`);
process.exit(succeeded(counts) ? 0 : 1);

function readArguments(given) {
  const at = given.indexOf("--seed");
  if (at === -1) return { seed: randomInt(1, 1_000_000), parts: given };
  const named = Number(given[at + 1]);
  if (!Number.isSafeInteger(named)) throw new RangeError(`The seed must be a whole number, got ${given[at + 1]}`);
  return { seed: named, parts: given.toSpliced(at, 2) };
}
