// Everything that policy tells a pool to do. Imperative: the pool does not decide.

import type { Task } from "./task.ts";
import type { Worker } from "./worker.ts";

/** Which limit a task has passed. */
export type LimitKind = "run" | "queue" | "deadline";

/** Why a task fails. `error`: its own; `unsendable`, `workerLost`: the pool knows the details. */
export type FailureReason = "error" | "unsendable" | "workerLost" | "broken" | "terminated";

/** Why a pool can run nothing any more. */
export type BreakReason = "workerLost" | "initializerFailed" | "startFailed" | "unusable";

export type PoolInstruction =
  | { readonly type: "startWorker"; readonly worker: Worker }
  /** Sends the tasks in one message, in order. `patience`: for how many milliseconds their worker may hold back outcomes while they run; 0: not at all. */
  | { readonly type: "dispatch"; readonly worker: Worker; readonly tasks: readonly Task[]; readonly patience: number }
  | { readonly type: "markRunning"; readonly task: Task; readonly worker: Worker }
  | { readonly type: "markPending"; readonly task: Task }
  /** Takes back tasks that have not begun, from the last on, at most so many; told in `tasksTakenBack`. */
  | { readonly type: "takeBack"; readonly worker: Worker; readonly atMost: number }
  /** Takes in the outcomes that the worker holds back, as far as it has noted them; told in `taskFinished` events, and `notesRead` when these have been. */
  | { readonly type: "readNotes"; readonly worker: Worker }
  /** `ghost` stands for the task in its worker's handed tasks from now on. */
  | { readonly type: "leaveGhost"; readonly task: Task; readonly ghost: Task; readonly worker: Worker }
  /** Aborts the signal of the ghost's run. */
  | { readonly type: "abortRun"; readonly ghost: Task; readonly worker: Worker }
  | { readonly type: "failTask"; readonly task: Task; readonly reason: FailureReason }
  /** Cancels the future of a task that has not begun. */
  | { readonly type: "cancelTask"; readonly task: Task }
  /** Asks the caller's retry options; told in `retryDecided`. */
  | { readonly type: "considerRetry"; readonly task: Task; readonly reason: FailureReason }
  /** The limit has passed: told in `taskWithdrawn` or `taskAborted`. */
  | { readonly type: "expireTask"; readonly task: Task; readonly limit: LimitKind }
  /** Asks whether the task, its worker's first, has begun; told in `taskLookedAt`. */
  | { readonly type: "lookAtTask"; readonly task: Task }
  /** Tells it to end when it has nothing left to do. */
  | { readonly type: "stopWorker"; readonly worker: Worker }
  | { readonly type: "killWorker"; readonly worker: Worker }
  /** From now on it keeps the program alive, or no longer does. */
  | { readonly type: "holdWorker"; readonly worker: Worker }
  | { readonly type: "releaseWorker"; readonly worker: Worker }
  /** From now on futures of the pool fail for this reason. */
  | { readonly type: "breakPool"; readonly reason: BreakReason }
  /** Tells `timePassed` then, instead of when it was set to before. */
  | { readonly type: "setTimer"; readonly at: number }
  | { readonly type: "clearTimer" }
  /** All workers are gone and none will come. */
  | { readonly type: "finishShutdown" };
