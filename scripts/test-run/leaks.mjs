// Finds what a test run has left behind. Processes are told by an environment variable that all of them inherit, so
// that one is found also when its parent is gone.
import { readdirSync, readFileSync } from "node:fs";

/** How long processes have to end by themselves once the tests are over: workers notice the death of their parent within 2 s. */
const SETTLE_MS = 5000;

/** Made by tools that keep a cache there, not by us. */
const CACHES = /^(tsx-\d+|node-compile-cache|jest_\w+|v8-compile-cache.*|npm-.*)$/;

/** The processes that carry the run's id. Only Linux shows the environment of another process. */
export function processesOf(id) {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => readProcess(name, id));
}

function readProcess(pid, id) {
  try {
    if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(id)) return [];
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    if (fields[0] === "Z") return [];
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return [{ pid: Number(pid), parent: Number(fields[1]), startedTicks: Number(fields[19]), command }];
  } catch {
    return []; // It ended while we read, or is not ours to read.
  }
}

/** What is still there once everything had its time to end. */
export async function settledProcessesOf(id) {
  const end = Date.now() + SETTLE_MS;
  let left = processesOf(id);
  while (left.length > 0 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    left = processesOf(id);
  }
  return left;
}

/** The children of `parent` that run for longer than `limit` milliseconds. */
export function processesRunningLongerThan(limit, id, parent) {
  const ticksPerSecond = 100; // Of /proc, on every architecture that Node runs on.
  const uptime = process.platform === "linux" ? Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) : 0;
  return processesOf(id).filter((one) => one.parent === parent && (uptime - one.startedTicks / ticksPerSecond) * 1000 > limit);
}

export function killAll(processes) {
  for (const { pid } of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Already gone.
    }
  }
}

/** Tests run with a temporary folder of their own: whatever stays in it was left. */
export function filesLeftIn(directory) {
  return readdirSync(directory).filter((name) => !CACHES.test(name));
}

/** Shared memory that has our name; nothing of ours should. */
export function sharedMemoryNames(directory) {
  try {
    return readdirSync(directory).filter((name) => name.includes("dure"));
  } catch {
    return []; // Not Linux.
  }
}
