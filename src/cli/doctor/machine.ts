// What this machine and this Node offer to dure. Read only: nothing is started.

import { readFileSync, statfsSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { createExecutor } from "../../index.ts";
import { readsTypeScript } from "../reads-typescript.ts";
import { isTsxLoaded, resolveTsx } from "../with-tsx.ts";

/** The machine as `dure doctor` reports it. Sizes in bytes. */
export interface MachineReport {
  readonly node: string;
  readonly platform: string;
  /** Cores of the machine, those that this process may use, and what executors make of both and of a container's quota. */
  readonly cores: number;
  readonly usableCores: number;
  readonly defaultMaxWorkers: number;
  readonly memory: number;
  /** What a container allows; `null` without a limit. */
  readonly memoryLimit: number | null;
  /** Free shared memory; `null` where the system does not say. */
  readonly sharedMemory: number | null;
  /** How `.ts` modules load: by Node itself, by tsx, or not at all. */
  readonly typescript: string;
  /** Whether functions can be looked into: without it, only `task(url, name)` crosses. */
  readonly inspector: boolean;
}

export async function examineMachine(): Promise<MachineReport> {
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cores: cpus().length,
    usableCores: availableParallelism(),
    defaultMaxWorkers: await defaultMaxWorkers(),
    memory: totalmem(),
    memoryLimit: memoryLimit(),
    sharedMemory: freeBytes("/dev/shm"),
    typescript: typescriptLoader(),
    inspector: await hasInspector(),
  };
}

async function defaultMaxWorkers(): Promise<number> {
  const executor = createExecutor("threads");
  await executor.shutdown();
  return executor.maxWorkers;
}

/** 0 where there is no limit: Node says so on systems without control groups, and gives an absurd number elsewhere. */
function memoryLimit(): number | null {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : null;
}

function freeBytes(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function typescriptLoader(): string {
  const hasTsx = isTsxLoaded() || resolveTsx(process.cwd()) !== undefined;
  if (readsTypeScript()) return hasTsx ? "Node itself, and tsx" : "Node itself";
  return hasTsx ? `tsx ${tsxVersion()}`.trim() : "none: install tsx (npm i -D tsx)";
}

function tsxVersion(): string {
  const url = resolveTsx(process.cwd());
  if (url === undefined) return "";
  try {
    const manifest = new URL("../package.json", url);
    return (JSON.parse(readFileSync(manifest, "utf8")) as { version?: string }).version ?? "";
  } catch {
    return "";
  }
}

async function hasInspector(): Promise<boolean> {
  try {
    const { Session } = await import("node:inspector");
    const session = new Session();
    session.connect();
    session.disconnect();
    return true;
  } catch {
    return false;
  }
}
