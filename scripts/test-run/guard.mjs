// Loaded into each test file's process before it: ends a test that hangs, saying which, and fails a file that leaves a
// thread or a child process, or that has no test.
import { subscribe } from "node:diagnostics_channel";
import { isMainThread } from "node:worker_threads";

/** Far above any test's time on a loaded machine of two cores; long forms take minutes. */
const TEST_LIMIT_MS = process.env.DURE_CHAOS === "1" ? 3_600_000 : 120_000;

/** Workers that were told to end have this long to do so after the last test. */
const SETTLE_MS = 5000;

// Threads and forked children of a test inherit --import: the guard is for the test file itself.
if (isMainThread && process.argv[1]?.endsWith(".test.js")) {
  // The runner of Node 26 lists every option with its default here. Tests start workers as a user's program does.
  process.execArgv.length = 0;
  await guard();
}

async function guard() {
  const { after, afterEach, beforeEach } = await import("node:test");
  const watchdogs = new Map();
  let tests = 0;
  beforeEach((context) => {
    tests++;
    watchdogs.set(context, setTimeout(endHanging, TEST_LIMIT_MS, context).unref());
  });
  afterEach((context) => clearTimeout(watchdogs.get(context)));
  const live = watchWorkers();
  after(() => settled(live));
  process.on("exit", () => {
    reportLeft(live);
    if (tests === 0) fail(`no test in ${process.argv[1]}`);
  });
}

function endHanging(context) {
  console.error(`"${context.name}" still runs after ${TEST_LIMIT_MS / 1000} s, with ${process.getActiveResourcesInfo().join(", ")}`);
  process.exit(1);
}

/** esbuild's own process: it serves all builds of a test file, and ends with it. */
const TOOL = /esbuild.* --service=/;

/** Threads and child processes of this process that have not ended. */
function watchWorkers() {
  const live = new Map();
  process.on("worker", (worker) => {
    live.set(worker, `thread ${worker.threadId}`);
    worker.once("exit", () => live.delete(worker));
  });
  subscribe("child_process", ({ process: child }) => {
    // Told at construction, before the child has a pid.
    live.set(child, "child process");
    child.once("spawn", () => {
      const command = `${child.spawnfile} ${child.spawnargs.slice(1).join(" ")}`;
      if (TOOL.test(command)) live.delete(child);
      else live.set(child, `child process ${child.pid}: ${command}`);
    });
    child.once("exit", () => live.delete(child));
    child.once("error", () => child.pid === undefined && live.delete(child));
  });
  return live;
}

async function settled(live) {
  const end = Date.now() + SETTLE_MS;
  do await new Promise((resolve) => setTimeout(resolve, 10));
  while (live.size > 0 && Date.now() < end);
}

function reportLeft(live) {
  for (const what of live.values()) fail(`left behind by ${process.argv[1]}: ${what}`);
}

function fail(why) {
  console.error(why);
  process.exitCode = 1;
}
