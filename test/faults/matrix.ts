// Every fault at every stage of a task's or a worker's life, on both rungs with workers, and what must become of it. Data
// only: one test body (cell.ts) tries each.

import { FAULTS, type Fault } from "./fixtures/commit.ts";

export const STAGES = ["importing", "initializing", "unpacking", "running", "packing", "draining", "idle", "ending"] as const;

/**
 * When the fault comes. `importing`: while the worker loads the task's module. `packing`: of the result. `draining`: it runs
 * while the pool shuts down. `idle`: it comes from what a finished task left behind, while the worker has nothing to do.
 * `ending`: in an 'exit' handler, as the worker ends.
 */
export type Stage = (typeof STAGES)[number];

export type RungName = "threads" | "processes";

/** How a worker ended, as a `WorkerLostError` says it. */
export interface Loss {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly likelyCause: string;
}

export type Outcome =
  /** The task fails with this error, and nothing else happens. `cause`: of what it is made. */
  | { readonly kind: "fails"; readonly name: string; readonly code?: string; readonly message: RegExp; readonly cause?: RegExp; readonly reports?: RegExp }
  /** The worker is lost: with "replace" its task, with "break" the pool. */
  | { readonly kind: "loses the worker"; readonly loss: Loss }
  /** Only a limit in time can tell: the task's deadline. */
  | { readonly kind: "runs out of time" }
  /** The pool can never run anything, and says why. */
  | { readonly kind: "breaks the pool"; readonly message: RegExp }
  /** No task fails. `reports`: what is reported as an unhandled rejection. */
  | { readonly kind: "is survived"; readonly reports?: RegExp }
  /** The worker is killed when it has not ended 5 s after it was told to. No task fails. */
  | { readonly kind: "delays the end" }
  /** Nobody in the process survives it. `isUncertain`: sometimes all do. */
  | { readonly kind: "ends the program"; readonly signal: string; readonly reason: string; readonly isUncertain?: true };

const ON_PURPOSE: Partial<Record<Fault, RegExp>> = { throw: /thrown on purpose/, reject: /rejected on purpose/, "stack overflow": /Maximum call stack size/ };

const ABORT_REFUSED = /process\.abort\(\) is not supported in workers/;

const LOSSES: Record<RungName, Partial<Record<Fault, Loss>>> = {
  threads: {
    "exit 0": { exitCode: 0, signal: null, likelyCause: "process.exit" },
    "exit 3": { exitCode: 3, signal: null, likelyCause: "process.exit" },
    "full heap": { exitCode: 1, signal: null, likelyCause: "out of memory" },
  },
  processes: {
    "exit 0": { exitCode: 0, signal: null, likelyCause: "process.exit" },
    "exit 3": { exitCode: 3, signal: null, likelyCause: "process.exit" },
    abort: { exitCode: null, signal: "SIGABRT", likelyCause: "native crash" },
    SIGKILL: { exitCode: null, signal: "SIGKILL", likelyCause: "killed" },
    SIGSEGV: { exitCode: null, signal: "SIGSEGV", likelyCause: "native crash" },
    "full heap": { exitCode: null, signal: "SIGABRT", likelyCause: "out of memory" },
    "full heap at once": { exitCode: null, signal: "SIGABRT", likelyCause: "out of memory" },
  },
};

const FATAL_TO_THREADS: Partial<Record<Fault, Outcome>> = {
  SIGKILL: { kind: "ends the program", signal: "SIGKILL", reason: "a signal is sent to the process, which its threads share" },
  SIGSEGV: { kind: "ends the program", signal: "SIGSEGV", reason: "a crash in native code ends the process, which its threads share" },
  "full heap at once": {
    kind: "ends the program",
    signal: "SIGABRT",
    reason: "Node ends a thread whose heap fills up step by step; V8 aborts the process if a single allocation is far too large for what is left",
  },
};

const MAY_BE_FATAL: Outcome = {
  kind: "ends the program",
  signal: "SIGABRT",
  reason: "from Node 24 on V8 often aborts the process before Node has ended the thread whose heap is full",
  isUncertain: true,
};

const NODE_MAJOR = Number(process.versions.node.split(".")[0]);

/** What a thread does to the whole program, if it does. */
function fatalToProgram(fault: Fault): Outcome | undefined {
  return fault === "full heap" && NODE_MAJOR >= 24 ? MAY_BE_FATAL : FATAL_TO_THREADS[fault];
}

/** What must become of a fault. */
export function outcomeOf(rung: RungName, stage: Stage, fault: Fault): Outcome {
  const fatal = rung === "threads" ? fatalToProgram(fault) : undefined;
  if (fatal !== undefined) return fatal;
  const loss = LOSSES[rung][fault];
  switch (stage) {
    case "importing":
    case "running":
    case "draining":
      return loss === undefined ? ownFailure(fault) : { kind: "loses the worker", loss };
    case "initializing":
      return initializerOutcome(fault, loss);
    case "unpacking":
      return loss === undefined ? unpackingOutcome(fault) : { kind: "loses the worker", loss };
    case "packing":
      return loss === undefined ? packingOutcome(fault) : { kind: "loses the worker", loss };
    case "idle":
      return loss === undefined ? idleOutcome(fault) : { kind: "loses the worker", loss };
    case "ending":
      return endingOutcome(rung, fault);
  }
}

function ownFailure(fault: Fault): Outcome {
  if (isEndless(fault)) return { kind: "runs out of time" };
  if (fault === "abort") return { kind: "fails", name: "TypeError", code: "ERR_WORKER_UNSUPPORTED_OPERATION", message: ABORT_REFUSED };
  return { kind: "fails", name: "RangeError", message: messageOf(fault) };
}

function initializerOutcome(fault: Fault, loss: Loss | undefined): Outcome {
  if (isEndless(fault)) return { kind: "runs out of time" };
  if (loss === undefined) return { kind: "breaks the pool", message: new RegExp(`initializer .* failed: .*${messageOf(fault).source}`) };
  const how = loss.signal === null ? `exit code ${loss.exitCode}` : `signal ${loss.signal}`;
  return { kind: "breaks the pool", message: new RegExp(`could be started.*${how}, likely cause ${loss.likelyCause}.*before its initializer returned`) };
}

/** Unpacking is synchronous: a promise made meanwhile is nobody's. */
function unpackingOutcome(fault: Fault): Outcome {
  if (fault === "reject") return { kind: "is survived", reports: messageOf(fault) };
  if (fault === "never settles") return { kind: "is survived" };
  return ownFailure(fault);
}

/** A promise cannot be packed. */
function packingOutcome(fault: Fault): Outcome {
  const failure = { kind: "fails", name: "SerializationError", code: "DURE_SERIALIZATION" } as const;
  if (fault === "endless loop") return { kind: "runs out of time" };
  if (fault === "never settles") return { ...failure, message: /result\.spoilt as it is a promise/ };
  if (fault === "reject") return { ...failure, message: /result\.spoilt as it is a promise/, reports: messageOf(fault) };
  return { ...failure, message: /Trap whose reducer threw/, cause: messageOf(fault) };
}

function idleOutcome(fault: Fault): Outcome {
  if (fault === "endless loop") return { kind: "runs out of time" };
  if (fault === "never settles") return { kind: "is survived" };
  return { kind: "is survived", reports: messageOf(fault) };
}

/** The worker ends in one way or another, and has nothing to lose. A promise has no turn left to be reported in. */
function endingOutcome(rung: RungName, fault: Fault): Outcome {
  if (fault === "endless loop") return { kind: "delays the end" };
  const isThrown = fault === "throw" || fault === "stack overflow" || (fault === "abort" && rung === "threads");
  return isThrown ? { kind: "is survived", reports: messageOf(fault) } : { kind: "is survived" };
}

function isEndless(fault: Fault): boolean {
  return fault === "endless loop" || fault === "never settles";
}

function messageOf(fault: Fault): RegExp {
  return fault === "abort" ? ABORT_REFUSED : (ON_PURPOSE[fault] as RegExp);
}

export type DeathPolicy = "replace" | "break";

export interface Cell {
  readonly rung: RungName;
  readonly policy: DeathPolicy;
  readonly stage: Stage;
  readonly fault: Fault;
  readonly outcome: Outcome;
}

/** All cells of one rung, policy and stage. */
export function cellsOf(rung: RungName, policy: DeathPolicy, stage: Stage): Cell[] {
  return FAULTS.map((fault) => ({ rung, policy, stage, fault, outcome: outcomeOf(rung, stage, fault) }));
}
