// An executor chosen by a string: for configuration files, environment variables and the command line.

import { shown } from "./contract/check-options.ts";
import { UnsupportedError } from "./contract/errors.ts";
import type { Executor } from "./contract/executor.ts";
import { nearestName } from "./contract/nearest-name.ts";
import type { AsyncExecutorOptions, PoolOptions, SerialExecutorOptions } from "./contract/options.ts";
import { AsyncExecutor } from "./executors/async/async-executor.ts";
import { ProcessPoolExecutor } from "./executors/processes/process-pool-executor.ts";
import { SerialExecutor } from "./executors/serial/serial-executor.ts";
import { ThreadPoolExecutor } from "./executors/threads/thread-pool-executor.ts";

/** A rung, with how many tasks run at once behind a colon, if it is not the default. */
export type ExecutorSpec = "serial" | "async" | `async:${number}` | "threads" | `threads:${number}` | "processes" | `processes:${number}`;

/** What `createExecutor` takes beside the spec: the options of the rung that the spec names. */
export type CreateExecutorOptions = SerialExecutorOptions | AsyncExecutorOptions | PoolOptions;

/** A rung by name: the option that the number in a spec stands for, and how it is made. */
interface Rung {
  readonly countOption: "maxConcurrency" | "maxWorkers" | undefined;
  create(options: CreateExecutorOptions | undefined): Executor;
}

const RUNGS: Readonly<Record<string, Rung>> = {
  serial: { countOption: undefined, create: (options) => new SerialExecutor(options as SerialExecutorOptions) },
  async: { countOption: "maxConcurrency", create: (options) => new AsyncExecutor(options as AsyncExecutorOptions) },
  threads: { countOption: "maxWorkers", create: (options) => new ThreadPoolExecutor(options as PoolOptions) },
  processes: { countOption: "maxWorkers", create: (options) => new ProcessPoolExecutor(options as PoolOptions) },
};

/** URLs of clusters, whose rungs are not part of this version. */
const CLUSTER = /^(ray|dask|celery(?:\+[a-z]+)?):\/\//;

/**
 * Makes the executor that a string names: `"serial"`, `"async:100"`, `"threads"`, `"processes:4"`.
 *
 * @example
 * ```ts
 * await using executor = createExecutor(process.env.EXECUTOR ?? "threads");
 * ```
 *
 * @param spec A rung, and after a colon how many tasks run at once: `maxConcurrency` of async, `maxWorkers` of threads
 *   and processes. Default: the rung's own.
 * @param options Further options of that rung.
 * @throws {RangeError} If `spec` names no rung.
 * @throws {UnsupportedError} If it names a cluster, as `"ray://..."` does.
 * @throws {TypeError | RangeError} If an option is unknown to the rung or not what it must be.
 */
export function createExecutor(spec: "serial", options?: SerialExecutorOptions): SerialExecutor;
export function createExecutor(spec: "async" | `async:${number}`, options?: AsyncExecutorOptions): AsyncExecutor;
export function createExecutor(spec: "threads" | `threads:${number}`, options?: PoolOptions): ThreadPoolExecutor;
export function createExecutor(spec: "processes" | `processes:${number}`, options?: PoolOptions): ProcessPoolExecutor;
export function createExecutor(spec: string, options?: CreateExecutorOptions): Executor;
export function createExecutor(spec: string, options?: CreateExecutorOptions): Executor {
  if (typeof spec !== "string") throw new TypeError(`Cannot create an executor: expected a string like "threads:4", got ${shown(spec)}`);
  const cluster = CLUSTER.exec(spec);
  if (cluster !== null) throw noCluster(cluster[0]);
  const [, name = spec, count] = /^([^:]*)(?::(.*))?$/.exec(spec) ?? [];
  const rung = Object.hasOwn(RUNGS, name) ? RUNGS[name] : undefined;
  if (rung === undefined) throw unknownRung(spec, name);
  return rung.create(count === undefined ? options : withCount(options, rung.countOption, count, spec));
}

function withCount(options: CreateExecutorOptions | undefined, option: Rung["countOption"], count: string, spec: string): CreateExecutorOptions {
  const subject = `Cannot create an executor for ${shown(spec)}`;
  if (option === undefined) throw new RangeError(`${subject}: the serial rung runs one task at a time and takes no number`);
  // Not `Number` alone: "" is 0 to it, and " 4" and "0x4" are 4.
  if (!/^(?:\d+|Infinity)$/.test(count)) throw new RangeError(`${subject}: ${option} must be a whole number, 1 or more, got ${shown(count)}`);
  if ((options as Record<string, unknown> | undefined)?.[option] !== undefined)
    throw new TypeError(`${subject}: ${option} is also among the options, give one of the two`);
  return { ...options, [option]: Number(count) };
}

function unknownRung(spec: string, name: string): RangeError {
  const nearest = nearestName(name, Object.keys(RUNGS));
  const hint = nearest === undefined ? `rungs are ${Object.keys(RUNGS).join(", ")}` : `did you mean ${nearest}`;
  return new RangeError(`Cannot create an executor: there is no rung ${shown(spec)}, ${hint}`);
}

/** Only the scheme is shown: the rest of such a URL may hold a password. */
function noCluster(scheme: string): UnsupportedError {
  const supportedBy = Object.keys(RUNGS);
  return new UnsupportedError(`Cannot create an executor for ${scheme}: this version has no cluster rung, use one of ${supportedBy.join(", ")}`, {
    supportedBy,
  });
}
