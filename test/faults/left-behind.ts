// Counts what a pool may leave behind in this process: descriptors, threads, children, temporary files, shared memory.
// Only Linux shows them.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Executor } from "dure";
import { square } from "../fixtures/arithmetic.ts";
import { until } from "../gate.ts";

/** Threads and processes are told to end before a pool is closed; the system may take a moment to note it. */
const SETTLE_MS = 3_000;

/** The files that a thread was opening when it was stopped stay open: Node 20 loads modules that way. */
const LEFT_BY_NODE = /\.[cm]?js$|package\.json$/;

const isLinux = process.platform === "linux";

interface Census {
  readonly descriptors: readonly string[];
  readonly threads: number;
  readonly children: readonly string[];
  readonly temporaryFiles: readonly string[];
  readonly sharedMemory: readonly string[];
}

function takeCensus(): Census {
  return {
    descriptors: namesIn("/proc/self/fd")
      .map((name) => linkOf(`/proc/self/fd/${name}`))
      .filter((link) => !LEFT_BY_NODE.test(link)),
    threads: namesIn("/proc/self/task").length,
    children: namesIn("/proc").filter(isChild),
    temporaryFiles: namesIn(tmpdir()).filter((name) => name.includes("dure")),
    sharedMemory: namesIn("/dev/shm").filter((name) => name.includes("dure")),
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "closed";
  }
}

function isChild(pid: string): boolean {
  if (!/^\d+$/.test(pid)) return false;
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return state !== "Z" && Number(parent) === process.pid;
  } catch {
    return false;
  }
}

/** What there is before anything goes wrong: after a pool of this kind has come and gone once. */
export class CleanState {
  readonly #before: Census;

  private constructor() {
    this.#before = takeCensus();
  }

  static async after(pool: Executor): Promise<CleanState> {
    await pool.submit(square, 2);
    await pool.shutdown();
    await until(() => namesIn("/proc").filter(isChild).length === 0);
    return new CleanState();
  }

  /** Waits until no more is there than was. */
  async assertReached(): Promise<void> {
    if (!isLinux) return;
    const end = Date.now() + SETTLE_MS;
    while (this.#hasMore(takeCensus()) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    const now = takeCensus();
    if (this.#hasMore(now)) assert.deepEqual(now, this.#before, "something was left behind");
  }

  #hasMore(now: Census): boolean {
    const before = this.#before;
    return (
      now.descriptors.length > before.descriptors.length ||
      now.threads > before.threads ||
      now.children.length > before.children.length ||
      now.temporaryFiles.length > before.temporaryFiles.length ||
      now.sharedMemory.length > before.sharedMemory.length
    );
  }
}
