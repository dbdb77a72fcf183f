// What the workers of a pool are started with, as both rungs with workers name it.

import type { CheckedPoolOptions } from "../../contract/executor-option-checks.ts";
import type { PoolOptions } from "../../contract/options.ts";
import type { SpinTimes } from "../../transport/worker-host.ts";
import { defaultMaxWorkers } from "./available-cores.ts";
import { spinTimes } from "./spin-times.ts";

export type HostOptions = Pick<PoolOptions, "env" | "execArgv" | "resourceLimits" | "stdout" | "stderr"> & {
  readonly name: string;
  /** Asked when the first worker starts. Left out: neither side ever looks at shared memory. */
  readonly spin?: (() => SpinTimes) | undefined;
};

export function hostOptions(kind: string, options: CheckedPoolOptions): HostOptions {
  const { name = kind, env, execArgv, resourceLimits, stdout, stderr, spin, maxWorkers } = options;
  let times: SpinTimes | undefined;
  const findSpinTimes = (): SpinTimes => (times ??= spinTimes(spin, maxWorkers, defaultMaxWorkers));
  return { name, env, execArgv, resourceLimits, stdout, stderr, spin: findSpinTimes };
}
