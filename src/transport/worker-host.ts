// What a pool needs of a rung: a way to start workers and to talk to each. Rungs implement it; a pool never knows
// whether a worker is a thread, a process or an object of this very thread.

import type { TransportStats } from "../contract/executor.ts";
import type { WorkerInfo } from "../contract/future.ts";
import type { WorkerDeathCause } from "../contract/errors.ts";
import type { FromWorker, ToWorker } from "../protocol/messages.ts";
import type { PayloadSource, PayloadStore } from "../codec/boundary.ts";
import type { NearClaims } from "./claims.ts";
import type { Announce } from "./head-start.ts";
import type { Lookable } from "./ring-channel.ts";

/** How a worker ended. */
export interface WorkerExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly likelyCause: WorkerDeathCause;
  /** What Node reported with it, if anything. */
  readonly error: unknown;
}

/** What a worker tells its pool. */
export interface WorkerListener {
  message(message: FromWorker): void;
  /** A message of the worker could not be read. Its tasks are lost, the worker is not. */
  messageError(error: unknown): void;
  /** Exactly once, after the last message; also if the worker never came to life. */
  exited(exit: WorkerExit): void;
}

/** The memory that a worker and its pool both see, for large values. */
export interface WorkerPayloads extends PayloadSource {
  /** Whether the worker can take what the pool has put down. */
  readonly canTake: boolean;
  /** What the pool has put down, for a worker that cannot. */
  readonly values: PayloadSource;
  /** Tells the worker that a large argument is coming; undefined if it could do nothing about it. */
  readonly announce: Announce | undefined;
  /** Another message of outcomes has been dealt with: the results in it are not needed any more. */
  noteTaken(): void;
  /** The worker has exited, and all that it has said has been dealt with. */
  close(): void;
}

/** Where a pool puts down large arguments. */
export interface PoolPayloads extends PayloadStore {
  /** `nextReceiver`: the worker that will get the next task, if that can be told. It may begin to read a large argument while that is written. */
  askNextReceiver(nextReceiver: () => WorkerPayloads | undefined): void;
}

/** One worker, seen from its pool. */
export interface WorkerHandle {
  readonly info: WorkerInfo;
  /** Shared control words, where the rung has them. Without them a batch is one task. */
  readonly claims: NearClaims | undefined;
  /** Where its messages can be found without waiting for the event loop, if the rung has such a place. */
  readonly ring?: Lookable | undefined;
  readonly payloads?: WorkerPayloads | undefined;
  /** Throws a `DataCloneError` if the message cannot be carried; nothing has then been sent. Silent once the worker has exited. */
  send(message: ToWorker, transfer: readonly object[]): void;
  /**
   * Ends the worker now, whatever it does. Resolves when it is gone, or given up as it cannot be stopped: a thread in a
   * native call, a task in the pool's own thread. `exited` comes first in both cases, and nothing is heard afterwards.
   */
  kill(): Promise<"gone" | "abandoned">;
  /** A referenced worker keeps the program alive. Pools reference busy workers only; a new worker is referenced. */
  ref(): void;
  unref(): void;
}

/** For how many milliseconds each side looks at shared memory before it waits for an event. */
export interface SpinTimes {
  readonly worker: number;
  readonly caller: number;
}

/** Starts the workers of one pool. */
export interface WorkerHost {
  /** Whether workers see this thread's `SharedArrayBuffer`s and can be sent ports. */
  readonly memory: "shared" | "separate";
  /** Where large arguments are put down, instead of being sent. */
  readonly payloads?: PoolPayloads | undefined;
  /** How workers are reached, for statistics. */
  readonly transport: TransportStats;
  /** Never throws: a worker that cannot be started exits with the reason. */
  start(workerIndex: number, listener: WorkerListener): WorkerHandle;
}
