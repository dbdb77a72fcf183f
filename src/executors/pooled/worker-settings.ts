// The pool settings of the rungs with workers of their own: everything is copied by the codec.

import type { Boundary } from "../../codec/codec.ts";
import { createPacker, createUnpacker } from "../../codec/codec.ts";
import type { CheckedPoolOptions } from "../../contract/executor-option-checks.ts";
import type { PoolSettings } from "../../pool/pool.ts";
import { SharedBlocks } from "../../transport/shared-blocks.ts";
import type { WorkerHost } from "../../transport/worker-host.ts";
import { CORES_VARIABLE, coreShare } from "./available-cores.ts";

/** Bytes. Smaller: honest tables are refused. Larger: a capture by mistake slows every task before anyone notices. */
export const DEFAULT_CAPTURE_SIZE: number = 2 ** 20;

/** Settings of a pool over the workers of `host`. */
export function workerSettings(kind: string, options: CheckedPoolOptions, host: WorkerHost): PoolSettings {
  const { name = kind, env, execArgv, resourceLimits, stdout, stderr, spin, maxCaptureSize = DEFAULT_CAPTURE_SIZE, onDispose, ...limits } = options;
  // Those of the host, and of the executor itself.
  void [execArgv, resourceLimits, stdout, stderr, onDispose];
  const sharedCopies = host.memory === "shared" ? new SharedBlocks() : undefined;
  const boundary: Boundary = { memory: host.memory, maxCaptureSize, payloads: host.payloads, sharedCopies, writesTrees: true };
  const shares = env?.[CORES_VARIABLE] === undefined ? { coreShare: () => coreShare(limits.maxWorkers) } : undefined;
  const callerSpin = typeof spin === "number" ? spin : spin?.caller;
  return { ...limits, ...shares, callerSpin, maxCaptureSize, kind, name, host, packer: createPacker(boundary), createUnpacker };
}
