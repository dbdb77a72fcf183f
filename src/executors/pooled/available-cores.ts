// How many workers pay here, when nobody has said: the cores that this process may use. Asked by the rungs with workers.

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** What is asked of the machine, so that a test can answer. */
export interface Machine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Cores of the machine, or those that this process is pinned to. */
  availableParallelism(): number;
  /** The text of a file; `undefined` if it cannot be read. */
  read(path: string): string | undefined;
}

/** Says how many cores to reckon with. A worker finds its own share in it, and hands that on to the programs it starts. */
export const CORES_VARIABLE = "DURE_MAX_WORKERS";

/**
 * The cores for each of `maxWorkers` workers: what pools inside of them take, so that all together do not take more than
 * there are. `undefined` if the environment says nothing that can be shared out.
 */
export function coreShare(maxWorkers: number, machine: Machine = thisMachine): number | undefined {
  try {
    return Math.max(1, Math.floor(defaultMaxWorkers(machine) / maxWorkers));
  } catch {
    // It is for who relies on it to refuse it.
    return undefined;
  }
}

/** The default of `maxWorkers`: `DURE_MAX_WORKERS`, else the cores, else fewer if a container's quota allows less. */
export function defaultMaxWorkers(machine: Machine = thisMachine): number {
  const wanted = machine.environment[CORES_VARIABLE];
  if (wanted !== undefined && wanted !== "") return checkOverride(wanted);
  // A quota of 1.5 cores feeds two workers, of which one is slowed down now and then.
  return Math.max(1, Math.min(machine.availableParallelism(), Math.ceil(cpuQuota(machine))));
}

const thisMachine: Machine = {
  environment: process.env,
  availableParallelism,
  read(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  },
};

function checkOverride(wanted: string): number {
  const workers = Number(wanted);
  if (Number.isSafeInteger(workers) && workers >= 1) return workers;
  throw new RangeError(`Cannot choose the number of workers: DURE_MAX_WORKERS must be a whole number, 1 or more, got ${JSON.stringify(wanted)}`);
}

/** Cores' worth of time that the control groups of this process grant; `Infinity` if they set no limit. */
function cpuQuota(machine: Machine): number {
  let least = Infinity;
  for (const line of (machine.read("/proc/self/cgroup") ?? "").split("\n")) {
    // hierarchy:controllers:path, with neither number nor controllers in version 2.
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    if (controllers === "")
      least = Math.min(
        least,
        leastOf(path, (group) => quotaOfVersion2(machine, group)),
      );
    else if (controllers.split(",").includes("cpu"))
      least = Math.min(
        least,
        leastOf(path, (group) => quotaOfVersion1(machine, controllers, group)),
      );
  }
  return least;
}

/**
 * The least of a group's limit and those of all groups around it. The path may be that of the host, which is not there
 * inside a container: its root is then the container's group.
 */
function leastOf(path: string, quota: (group: string) => number): number {
  const names = path.split("/").filter((name) => name !== "");
  let least = Infinity;
  for (let depth = names.length; depth >= 0; depth -= 1) {
    least = Math.min(
      least,
      quota(
        names
          .slice(0, depth)
          .map((name) => `/${name}`)
          .join(""),
      ),
    );
  }
  return least;
}

function quotaOfVersion2(machine: Machine, group: string): number {
  const [quota, period] = (machine.read(`/sys/fs/cgroup${group}/cpu.max`) ?? "").trim().split(" ").map(Number);
  return ratio(quota, period);
}

function quotaOfVersion1(machine: Machine, controllers: string, group: string): number {
  const folder = [controllers, "cpu"].map((name) => `/sys/fs/cgroup/${name}${group}`).find((path) => machine.read(`${path}/cpu.cfs_quota_us`) !== undefined);
  if (folder === undefined) return Infinity;
  return ratio(Number(machine.read(`${folder}/cpu.cfs_quota_us`)), Number(machine.read(`${folder}/cpu.cfs_period_us`)));
}

/** "max" (not a number) and -1 are no limit. */
function ratio(quota: number | undefined, period: number | undefined): number {
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : Infinity;
}
