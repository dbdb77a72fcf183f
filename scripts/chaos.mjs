// npm run chaos: builds, then runs the long forms of the tests that have one: all of them, or those whose path contains
// one of the arguments. `--seed N` repeats a run: the same order, the same random choices. `--minutes N` is how long the soak
// goes on with each kind of worker, at least: for the night (`npm run chaos -- soak --minutes 30`).
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { testFiles } from "./test-run/files.mjs";
import { printSummary, runTests, succeeded } from "./test-run/run.mjs";

/** Parts of the paths of test files that look at DURE_CHAOS (test/chaos.ts). */
const LONG_FORMS = ["/faults/", "/policy/pool-policy.model.", "/pool/pool.model.", "/soak/", "/cli/map/kill.", "-spinning."];

/** The long soak takes an hour; whatever hangs is ended by the limit of single tests, which is half of this. */
const FILE_LIMIT_MS = 7_200_000;

const parts = process.argv.slice(2);
const seed = takeNumber("--seed") ?? randomInt(1, 1_000_000);
const minutes = takeNumber("--minutes");
const build = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
if (build.status !== 0) process.exit(build.status ?? 1);

const files = testFiles(LONG_FORMS).filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
console.log(`seed ${seed}`);
process.env.DURE_CHAOS = "1";
process.env.DURE_CHAOS_SEED = String(seed);
process.env.DURE_CHAOS_MINUTES = String(minutes ?? 0);
const counts = await runTests({ files, fileLimitMs: FILE_LIMIT_MS });
printSummary(counts);
console.log(`# to repeat: npm run chaos -- --seed ${seed}${parts.map((part) => ` ${part}`).join("")}`);
process.exit(succeeded(counts) ? 0 : 1);

/** Takes `--name N` out of what was given. */
function takeNumber(name) {
  const at = parts.indexOf(name);
  if (at === -1) return undefined;
  const [, given] = parts.splice(at, 2);
  const number = Number(given);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${name} must be a whole number, got ${given}`);
  return number;
}
