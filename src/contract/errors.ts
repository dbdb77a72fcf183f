// Every error of ours that a caller might catch. Wrong arguments are built-in TypeErrors and RangeErrors.

/** What every error of dure is. `code` never changes between versions; match on it, not on the message. */
export abstract class ExecutorError extends Error {
  /** Names the kind of error: `"DURE_TIMEOUT"`. */
  abstract readonly code: string;

  /**
   * Whether the value is an error of this class, made by this copy of dure or by another: a worker has one copy in its entry
   * and another that tasks import.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(this, value) || isErrorOf(this, value);
  }

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    // On the prototype of each class, so that it is not an own property that every copy of the error carries.
    Object.defineProperty(this, "name", { value: new.target.name, configurable: true, writable: true });
  }
}

/** The task was cancelled before it could give a result. */
export class CancelledError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_CANCELLED";
  readonly code = "DURE_CANCELLED";

  constructor(message = "The task was cancelled", options?: { cause?: unknown }) {
    super(message, options);
  }
}

/** Which clock ran out: the task's own run, its wait in the queue, the whole of both, or a caller's wait. */
export type TimeoutKind = "run" | "queue" | "deadline" | "wait";

/** A time limit passed. `kind` says which; after a `"wait"` the task itself goes on untouched. */
export class TimeoutError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_TIMEOUT";
  readonly code = "DURE_TIMEOUT";
  /** Which clock ran out. */
  readonly kind: TimeoutKind;
  /** The limit that passed, in milliseconds. */
  readonly timeout: number;

  constructor(message: string, fields: { kind: TimeoutKind; timeout: number; cause?: unknown }) {
    super(message, causeOf(fields));
    this.kind = fields.kind;
    this.timeout = fields.timeout;
  }
}

/** The pool cannot run anything any more: workers do not start, or one died under `onWorkerDeath: "break"`. */
export class BrokenExecutorError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_BROKEN_EXECUTOR";
  readonly code = "DURE_BROKEN_EXECUTOR";
}

/** What most likely ended a worker, told from its exit code, signal and last error. */
export type WorkerDeathCause = "process.exit" | "out of memory" | "native crash" | "killed" | "uncaught error" | "unknown";

/** The fields of a {@link WorkerLostError}. */
export interface WorkerLostFields {
  /** `null` if a signal ended the worker. */
  readonly exitCode: number | null;
  /** The signal that ended the worker: `"SIGKILL"`. `null` if it exited, and for threads. */
  readonly signal: string | null;
  /** What most likely ended it. */
  readonly likelyCause: WorkerDeathCause;
  /** The worker's index in its pool. */
  readonly workerIndex: number;
  /** The label of the task that was running, or its function's name. */
  readonly task?: string;
  /** What Node reported with the worker's end, if anything. */
  readonly cause?: unknown;
}

/** The worker ended while it ran the task. */
export class WorkerLostError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_WORKER_LOST";
  readonly code = "DURE_WORKER_LOST";
  /** `null` if a signal ended the worker. */
  readonly exitCode: number | null;
  /** The signal that ended the worker: `"SIGKILL"`. `null` if it exited, and for threads. */
  readonly signal: string | null;
  /** What most likely ended it, told from the exit code, the signal and the worker's last error. */
  readonly likelyCause: WorkerDeathCause;
  /** The worker's index in its pool. */
  readonly workerIndex: number;
  /** The label of the task that was running, or its function's name. */
  readonly task: string | undefined;

  constructor(message: string, fields: WorkerLostFields) {
    super(message, causeOf(fields));
    this.exitCode = fields.exitCode;
    this.signal = fields.signal;
    this.likelyCause = fields.likelyCause;
    this.workerIndex = fields.workerIndex;
    this.task = fields.task;
  }
}

/** A worker could not be started, or its initializer failed; `cause` is the reason. */
export class WorkerStartError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_WORKER_START";
  readonly code = "DURE_WORKER_START";
}

/** A function or value cannot cross to another worker. `path` names it: `args[0].callback`, or a captured variable. */
export class SerializationError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_SERIALIZATION";
  readonly code = "DURE_SERIALIZATION";
  /** Where the value is: `args[0].callback`, or a captured variable's name. */
  readonly path: string;

  constructor(message: string, fields: { path: string; cause?: unknown }) {
    super(message, causeOf(fields));
    this.path = fields.path;
  }
}

/** The executor was shut down (or terminated) before the task could run. */
export class ExecutorShutdownError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_SHUTDOWN";
  readonly code = "DURE_SHUTDOWN";
}

/** The pool's queue holds `maxQueue` tasks already. */
export class QueueFullError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_QUEUE_FULL";
  readonly code = "DURE_QUEUE_FULL";
  /** The limit that the pool was made with. */
  readonly maxQueue: number;

  constructor(message: string, fields: { maxQueue: number }) {
    super(message);
    this.maxQueue = fields.maxQueue;
  }
}

/** The call does not fit the state: a second settling of a future, a second way of consuming a map's results. */
export class InvalidStateError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_INVALID_STATE";
  readonly code = "DURE_INVALID_STATE";
}

/** A lock that is held. */
export interface HeldLock extends Disposable {
  /** Releases the lock. */
  release(): void;
}

/**
 * The owner of a lock ended without releasing it: its thread was terminated or crashed, or its task returned. What the lock
 * protects may be half changed.
 *
 * Whoever gets this error holds the lock: make good what it protects, then release {@link guard}.
 */
export class AbandonedLockError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_ABANDONED_LOCK";
  readonly code = "DURE_ABANDONED_LOCK";
  /** The lock's name. */
  readonly lock: string;
  /** What releases the lock. `undefined` once the error has crossed to another thread or process. */
  declare readonly guard: HeldLock | undefined;

  constructor(message: string, fields: { lock: string; guard?: HeldLock | undefined }) {
    super(message);
    this.lock = fields.lock;
    // Not enumerable: it does not cross, and is no news in a printed error.
    Object.defineProperty(this, "guard", { value: fields.guard, configurable: true, writable: true });
  }
}

/** This rung cannot do it; `supportedBy` names those that can. */
export class UnsupportedError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_UNSUPPORTED";
  readonly code = "DURE_UNSUPPORTED";
  /** The rungs that can: `["processes"]`. */
  readonly supportedBy: readonly string[];

  constructor(message: string, fields: { supportedBy: readonly string[] }) {
    super(message);
    this.supportedBy = fields.supportedBy;
  }
}

/** An error of a task that could not be rebuilt as its own class: its name, message and stack, and what else it carried. */
export class RemoteError extends ExecutorError {
  /** Their `code`, for `switch`. */
  static readonly code = "DURE_REMOTE";
  readonly code = "DURE_REMOTE";
  /** The name of the class that the error had in the worker. */
  readonly remoteName: string;

  constructor(message: string, fields: { remoteName: string; cause?: unknown }) {
    super(message, causeOf(fields));
    this.remoteName = fields.remoteName;
  }
}

/** `Class` is one of ours, or `ExecutorError` itself; a user's subclass has no code of its own. */
function isErrorOf(Class: object, value: unknown): boolean {
  if (!(value instanceof Error)) return false;
  const { code } = value as { code?: unknown };
  if (Class === ExecutorError) return typeof code === "string" && code.startsWith("DURE_");
  return Object.hasOwn(Class, "code") && (Class as { code?: unknown }).code === code;
}

/** `cause` is set only where there is one: an own `cause: undefined` would show in every printed error. */
function causeOf(fields: { cause?: unknown }): { cause?: unknown } | undefined {
  return fields.cause === undefined ? undefined : { cause: fields.cause };
}
