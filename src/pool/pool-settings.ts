// What a rung tells its pool: how workers are started, how values cross, and the limits. Options arrive checked.

import type { PayloadSource } from "../codec/boundary.ts";
import type { Packer, Unpacker } from "../codec/crossing.ts";
import type { PolicySettings } from "../policy/pool-state.ts";
import { CLAIM_SLOTS } from "../transport/claims.ts";
import type { WorkerHost } from "../transport/worker-host.ts";
import type { Clock } from "./clock.ts";

/** What makes a pool this rung's pool. */
export interface PoolSettings {
  /** The rung: `"threads"`. */
  readonly kind: string;
  /** For errors, thread names and process titles. */
  readonly name: string;
  readonly host: WorkerHost;
  readonly packer: Packer;
  /** One per worker: templates are numbered by their sender. */
  readonly createUnpacker: (payloads?: PayloadSource) => Unpacker;
  /** Workers at most: 1 or more, or `Infinity`. */
  readonly maxWorkers: number;
  /** Workers that stay although idle, once work has started them. Default 0. */
  readonly minWorkers?: number | undefined;
  /** Milliseconds after which an idle worker above `minWorkers` leaves. Default 30,000. */
  readonly idleTimeout?: number | undefined;
  /** Tasks that may wait. Default `Infinity`. */
  readonly maxQueue?: number | undefined;
  readonly initializer?: ((...args: never[]) => unknown) | undefined;
  readonly initargs?: readonly unknown[] | undefined;
  /** Tasks after which a worker is replaced. Default `Infinity`. */
  readonly maxTasksPerWorker?: number | undefined;
  /** Bytes after which a worker is replaced. Default `Infinity`. */
  readonly maxMemoryPerWorker?: number | undefined;
  /** Bytes that a captured variable may take of a function that a task gives back. Default `Infinity`. */
  readonly maxCaptureSize?: number | undefined;
  /** Default `"replace"`. */
  readonly onWorkerDeath?: "replace" | "break" | undefined;
  /** Milliseconds that an aborted or timed-out task has to return before its worker is killed; `Infinity`: it never is. Default 100. */
  readonly abortGrace?: number | undefined;
  /** Milliseconds that a worker told to stop has before it is killed. Default 5,000. */
  readonly stopGrace?: number | undefined;
  /**
   * Whether workers are objects of the pool's own thread. They cannot be stopped: an aborted task keeps its worker until it
   * returns. And a task may submit to its own pool and wait for the result although every worker is taken: while it has
   * such tasks it lends them its place, one at a time. Default `false`.
   */
  readonly lendsWorkers?: boolean | undefined;
  /** Asked once, for the first worker: the cores that pools inside of each worker may use; `undefined` if that is for its environment to say. */
  readonly coreShare?: (() => number | undefined) | undefined;
  /** Milliseconds that this thread looks at shared memory while replies are due, before it waits for events. Default 0. */
  readonly callerSpin?: number | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** What policy needs to know of them, with the defaults. */
export function policySettings(settings: PoolSettings): PolicySettings {
  return {
    maxWorkers: settings.maxWorkers,
    minWorkers: settings.minWorkers ?? 0,
    idleTimeout: settings.idleTimeout ?? 30_000,
    maxQueue: settings.maxQueue ?? Infinity,
    maxTasksPerWorker: settings.maxTasksPerWorker ?? Infinity,
    maxMemoryPerWorker: settings.maxMemoryPerWorker ?? Infinity,
    hasInitializer: settings.initializer !== undefined,
    breaksOnDeath: settings.onWorkerDeath === "break",
    abortGrace: settings.abortGrace ?? 100,
    stopGrace: settings.stopGrace ?? 5_000,
    slots: CLAIM_SLOTS,
    isInThread: settings.lendsWorkers ?? false,
  };
}
