// The pool settings of the rungs with workers of their own: everything is copied by the codec.

import type { Boundary } from "../../codec/codec.ts";
import { createPacker, createUnpacker } from "../../codec/codec.ts";
import { checkPoolOptions } from "../../contract/executor-option-checks.ts";
import type { PoolOptions } from "../../contract/options.ts";
import type { PoolSettings } from "../../pool/pool.ts";
import type { SpinTimes, WorkerHost } from "../../transport/worker-host.ts";
import { CORES_VARIABLE, coreShare, defaultMaxWorkers } from "./available-cores.ts";
import { spinTimes } from "./spin-times.ts";

/** Bytes. Smaller: honest tables are refused. Larger: a capture by mistake slows every task before anyone notices. */
export const DEFAULT_CAPTURE_SIZE: number = 2 ** 20;

/** The options of a host, as both rungs with workers name them. */
export type HostOptions = Pick<PoolOptions, "env" | "execArgv" | "resourceLimits" | "stdout" | "stderr"> & {
  readonly name: string;
  /** Asked when the first worker starts. Left out: neither side ever looks at shared memory. */
  readonly spin?: (() => SpinTimes) | undefined;
};

/** Settings of a pool over the workers that `createHost` starts. Throws for options that are not what they must be. */
export function workerSettings(
  kind: string,
  executor: string,
  options: PoolOptions | undefined,
  createHost: (options: HostOptions) => WorkerHost,
): PoolSettings {
  const {
    name = kind,
    env,
    execArgv,
    resourceLimits,
    stdout,
    stderr,
    spin,
    maxCaptureSize = DEFAULT_CAPTURE_SIZE,
    onDispose,
    ...limits
  } = checkPoolOptions(options, `Cannot create the ${executor}`, defaultMaxWorkers);
  void onDispose;
  let times: SpinTimes | undefined;
  const findSpinTimes = (): SpinTimes => (times ??= spinTimes(spin, limits.maxWorkers, defaultMaxWorkers));
  const host = createHost({ name, env, execArgv, resourceLimits, stdout, stderr, spin: findSpinTimes });
  const boundary: Boundary = { memory: host.memory, maxCaptureSize, payloads: host.payloads };
  const shares = env?.[CORES_VARIABLE] === undefined ? { coreShare: () => coreShare(limits.maxWorkers) } : undefined;
  const callerSpin = typeof spin === "number" ? spin : spin?.caller;
  return { ...limits, ...shares, callerSpin, maxCaptureSize, kind, name, host, packer: createPacker(boundary), createUnpacker };
}
