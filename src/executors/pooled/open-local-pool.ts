// What the executors of the rungs in the caller's own thread have behind them: workers are objects, and values are handed
// over, or copied with `isolate`. Loaded with the first pool that is opened, not with dure.

import { createByReferencePacker, createByReferenceUnpacker } from "../../codec/by-reference-crossing.ts";
import type { Boundary } from "../../codec/codec.ts";
import { createPacker, createUnpacker } from "../../codec/codec.ts";
import type { LocalExecutorOptions } from "../../contract/options.ts";
import { Pool } from "../../pool/pool.ts";
import type { PoolSettings } from "../../pool/pool.ts";
import { LocalHost } from "../../worker/local-host.ts";
import { DEFAULT_CAPTURE_SIZE } from "./worker-settings.ts";

/** A pool of `maxWorkers` workers in this thread. */
export function openLocalPool(kind: string, maxWorkers: number, options: LocalExecutorOptions): Pool {
  return new Pool(localSettings(kind, maxWorkers, options));
}

function localSettings(kind: string, maxWorkers: number, options: LocalExecutorOptions): PoolSettings {
  const { name = kind, maxQueue, isolate = false, maxCaptureSize = DEFAULT_CAPTURE_SIZE } = options;
  const common = { kind, name, maxWorkers, maxQueue, lendsWorkers: true };
  if (!isolate) {
    const createCrossing = () => ({ packer: createByReferencePacker(), unpacker: createByReferenceUnpacker() });
    return { ...common, host: new LocalHost({ createCrossing }), packer: createByReferencePacker(), createUnpacker: createByReferenceUnpacker };
  }
  const boundary: Boundary = { memory: "shared", maxCaptureSize };
  const createCrossing = () => ({ packer: createPacker({ ...boundary, sendsOnce: true }), unpacker: createUnpacker() });
  return { ...common, host: new LocalHost({ createCrossing, isolate }), packer: createPacker(boundary), createUnpacker };
}
