// Everything that can happen to a pool. Past tense: policy cannot refuse it. The time is given beside each event.

import type { Task } from "./task.ts";
import type { Worker } from "./worker.ts";

export type PoolEvent =
  /** One is about to be packed, which can take as long as a worker takes to start. It need not come: it may be refused. */
  | { readonly type: "taskExpected" }
  /** `parent`: the task of this pool from inside which it was submitted. */
  | { readonly type: "taskSubmitted"; readonly task: Task; readonly parent: Task | undefined }
  /** It has not begun and never will: it was queued or waiting, or (`takenBack`) has been taken back from its worker. */
  | { readonly type: "taskWithdrawn"; readonly task: Task; readonly takenBack: boolean }
  /** It has begun (or might have), and its future no longer waits for it: aborted, or out of time. `hasPassed`: its worker has begun a later one. */
  | { readonly type: "taskAborted"; readonly task: Task; readonly mayRetry: boolean; readonly hasPassed: boolean }
  /** It could not be sent to its worker: its own values are to blame. */
  | { readonly type: "taskUnsendable"; readonly task: Task }
  /** Whether the task, its worker's first, has begun: before, its worker may have to load its module. */
  | { readonly type: "taskLookedAt"; readonly task: Task; readonly hasBegun: boolean }
  /** It is about to load modules for the sake of a task that it has not begun. */
  | { readonly type: "workerLoading"; readonly worker: Worker; readonly task: Task }
  | { readonly type: "taskFinished"; readonly task: Task; readonly ok: boolean; readonly durationMs: number }
  /** The caller's retry options were asked: milliseconds until the next attempt, `undefined` for none. */
  | { readonly type: "retryDecided"; readonly task: Task; readonly delayMs: number | undefined }
  /** In reverse order: the last handed comes first. */
  | { readonly type: "tasksTakenBack"; readonly worker: Worker; readonly tasks: readonly Task[] }
  | { readonly type: "workerReady"; readonly worker: Worker; readonly hasClaims: boolean }
  /** A message with outcomes has been told in `taskFinished` events. */
  | { readonly type: "workerReported"; readonly worker: Worker; readonly memory: number | undefined }
  /** The outcomes that it held back, as far as it had noted them, have been told in `taskFinished` events. */
  | { readonly type: "notesRead"; readonly worker: Worker }
  /** A message of it was unreadable: what it said of `task`, the oldest that it had, and of which others is unknown. */
  | { readonly type: "workerGarbled"; readonly worker: Worker; readonly task: Task | undefined }
  /** Its initializer failed. It exits by itself. */
  | { readonly type: "workerRefused"; readonly worker: Worker }
  /** Or was left behind, as it could not be stopped. `begun`: how many of its handed tasks had begun, the first ones. */
  | { readonly type: "workerExited"; readonly worker: Worker; readonly begun: number }
  /** Nothing can ever run on it: what every worker must be given cannot cross. */
  | { readonly type: "poolUnusable" }
  | { readonly type: "timePassed" }
  | { readonly type: "shutdownRequested"; readonly cancelPending: boolean }
  | { readonly type: "terminateRequested" }
  /**
   * Nothing more happens in this turn of the event loop: now tasks are placed. `goesOn`: the pool looks for what happens
   * next, and ends a turn without it when it no longer does; until then no idle worker is let go. `atLast`: workers that have
   * begun the last of their handed tasks, so that the others have ended, which they cannot say before the turn ends.
   */
  | { readonly type: "turnEnded"; readonly goesOn?: boolean; readonly atLast?: readonly Worker[] };
