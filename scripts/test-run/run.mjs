// Runs test files with node:test under a watchdog, then looks for what they have left behind: processes, temporary
// files, shared memory. Called by scripts/test.mjs and scripts/test-nodes.mjs.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesLeftIn, killAll, processesOf, processesRunningLongerThan, settledProcessesOf, sharedMemoryNames } from "./leaks.mjs";

/** A file that runs longer hangs: its processes are killed. The watchdog of single tests (guard.mjs) is shorter, and names the test. */
const FILE_LIMIT_MS = 300_000;

const GUARD = new URL("./guard.mjs", import.meta.url).href;
const REPORTER = new URL("./reporter.mjs", import.meta.url).href;
const COUNTS_REPORTER = new URL("./counts-reporter.mjs", import.meta.url).href;

/**
 * Runs `files` and resolves to the counts of node:test's closing summary, with the leak check counted as one more test.
 * `node`: the binary to run them with. `concurrency`: files at once, of which some wait while two cores are busy. `fileLimitMs`: after which a file counts as hanging. `sharedMemory`: where the system shows it.
 */
export async function runTests({ files, node = process.execPath, concurrency = 3, sharedMemory = "/dev/shm", fileLimitMs = FILE_LIMIT_MS }) {
  const id = randomUUID();
  const sharedBefore = sharedMemoryNames(sharedMemory);
  const own = mkdtempSync(join(tmpdir(), "dure-test-"));
  const directory = join(own, "t");
  const countsFile = join(own, "counts.json");
  try {
    const ended = await runNode(node, testArguments(files, concurrency, countsFile), { id, directory, fileLimitMs });
    const leaks = [
      ...(await settledProcessesOf(id)).map((left) => `process ${left.pid}: ${left.command}`),
      ...filesLeftIn(directory).map((name) => `temporary file: ${name}`),
      ...sharedMemoryNames(sharedMemory)
        .filter((name) => !sharedBefore.includes(name))
        .map((name) => `shared memory: ${name}`),
    ];
    killAll(processesOf(id));
    return withLeakCheck(readCounts(countsFile), ended, leaks);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function testArguments(files, concurrency, countsFile) {
  return [
    `--import=${GUARD}`,
    // Tests look inside: "dure" must be made of the very modules that they import as "#dure/...". Programs that they start see what users see.
    "--conditions=dure-modules",
    "--test",
    `--test-concurrency=${concurrency}`,
    `--test-reporter=${REPORTER}`,
    "--test-reporter-destination=stdout",
    `--test-reporter=${COUNTS_REPORTER}`,
    `--test-reporter-destination=${countsFile}`,
    ...files,
  ];
}

/** Runs node:test in a session of its own, so that whatever it starts can be found and ended. */
async function runNode(node, args, { id, directory, fileLimitMs }) {
  mkdirSync(directory);
  const child = spawn(node, args, { stdio: "inherit", detached: true, env: environment(id, directory) });
  const stop = (signal) => {
    killAll(processesOf(id));
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const watchdog = setInterval(killHanging, 2000, id, child.pid, fileLimitMs);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject).once("exit", (code, signal) => resolve({ code, signal }));
    });
  } finally {
    clearInterval(watchdog);
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/**
 * Every process of the run carries its id; a run inside of a run carries both. What programs print must be the same everywhere.
 * Node 20 reads all certificates when a process starts if it is to trust more of them: 90 of 120 ms, for each of the thousands
 * that the tests start. The one that needs them finds their place under another name.
 */
function environment(id, directory) {
  const { NODE_TEST_CONTEXT: _nested, FORCE_COLOR: _force, NO_COLOR: _no, CI: _ci, NODE_EXTRA_CA_CERTS: certificates, ...env } = process.env;
  if (certificates !== undefined) env.DURE_TEST_CA_CERTS = certificates;
  return { ...env, DURE_TEST_RUN: `${env.DURE_TEST_RUN ?? ""},${id}`, TMPDIR: directory };
}

function killHanging(id, runnerPid, limitMs) {
  for (const file of processesRunningLongerThan(limitMs, id, runnerPid)) {
    console.error(`This file still runs after ${limitMs / 1000} s and is killed: ${file.command}`);
    killAll([file]);
  }
}

function readCounts(countsFile) {
  try {
    return JSON.parse(readFileSync(countsFile, "utf8"));
  } catch {
    return {}; // The runner died before it could report; its exit code says so.
  }
}

function withLeakCheck(counts, ended, leaks) {
  const { tests = 0, suites = 0, pass = 0, fail = 0, cancelled = 0, skipped = 0, todo = 0, duration_ms = 0 } = counts;
  for (const leak of leaks) console.error(`left behind: ${leak}`);
  const died = ended.code !== 0 && fail + cancelled === 0;
  if (died) console.error(`The test runner ended with ${ended.signal ?? `exit code ${ended.code}`} although no test failed`);
  const failures = (leaks.length > 0 ? 1 : 0) + (died ? 1 : 0);
  return {
    tests: tests + Math.max(1, failures),
    suites,
    pass: pass + (failures === 0 ? 1 : 0),
    fail: fail + failures,
    cancelled,
    skipped,
    todo,
    duration_ms,
    empty: tests === 0,
  };
}

const COUNTS = ["tests", "suites", "pass", "fail", "cancelled", "skipped", "todo", "duration_ms"];

/** The counts of two runs as of one. */
export function addCounts(one, other) {
  if (one === undefined) return other;
  const sums = COUNTS.map((key) => [key, one[key] + other[key]]);
  return { ...Object.fromEntries(sums), empty: one.empty || other.empty };
}

/** The last lines of a run, as node:test writes them. */
export function printSummary(counts) {
  for (const key of COUNTS) console.log(`# ${key} ${counts[key]}`);
}

/** A run without a test has not succeeded. */
export function succeeded(counts) {
  return !counts.empty && counts.fail === 0 && counts.cancelled === 0;
}
