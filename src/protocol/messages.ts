// Everything that a pool and a worker say to each other, by direction. Types and a version, no logic. What travels for
// every task lies in columns.

import type { Template } from "../codec/template.ts";
import type { OutcomeColumns, TaskColumns } from "./columns.ts";

/** Raised with every change of a message. A worker of another version refuses to start, with both numbers. */
export const PROTOCOL_VERSION = 6;

/** A packed value on the wire. */
export interface WireValue {
  readonly value: unknown;
  readonly coded: boolean;
}

/** A function that tasks refer to by its id, with the values of its captured variables. */
export interface WireFunction extends WireValue {
  /** Given by the pool; never reused within a worker. */
  readonly id: number;
  readonly name: string;
  /** Left out: it is the function that tasks call. Else it makes that, from so many of their first arguments. */
  readonly given?: number;
}

/**
 * One task, as those handle it for whom speed does not count: [task id, claim slot or -1, function id, packed arguments,
 * whether they are coded, attempt, for how many milliseconds outcomes may be held back while it runs, label if not the function's
 * name]. They may not at all, 0, if it may take long, or its pool may stop it with its worker.
 */
export type WireTask = readonly [
  taskId: number,
  slot: number,
  functionId: number,
  args: unknown,
  coded: boolean,
  attempt: number,
  patience: number,
  label?: string,
];

/** One outcome, in the same way: [task id, whether it succeeded, packed result or error, whether it is coded, milliseconds that the call took]. */
export type WireOutcome = readonly [taskId: number, ok: boolean, value: unknown, coded: boolean, durationMs: number];

/** The first message to a worker. */
export interface StartMessage {
  readonly type: "start";
  readonly version: number;
  readonly workerIndex: number;
  readonly poolName: string;
  /** Runs before the first task, with `templates` defined. */
  readonly initializer: { readonly templates: readonly Template[]; readonly function: WireFunction; readonly args: WireValue } | undefined;
  /** Whether each `finished` message should say how much memory the worker uses. */
  readonly reportMemory: boolean;
  /** Bytes that a captured variable may take of a function that comes back with a result. */
  readonly maxCaptureSize: number;
  /** What pools inside of the worker take for `maxWorkers` if nobody says: its share of the cores. Left out: as its environment says. */
  readonly coreShare?: number;
}

/** Runs a batch, one task after another. Order of use: forget, templates, functions, tasks. */
export interface RunMessage {
  readonly type: "run";
  /** Functions that will not be asked for again. */
  readonly forget?: readonly number[];
  /** Templates of shared values that nothing refers to any more. */
  readonly forgetTemplates?: readonly number[];
  /** Templates that this worker has not been sent yet. */
  readonly templates?: readonly Template[];
  /** Functions that this worker has not been sent yet. */
  readonly functions?: readonly WireFunction[];
  readonly tasks: TaskColumns;
}

/** Aborts a task's signal, if it is the one running. */
export interface AbortMessage {
  readonly type: "abort";
  readonly taskId: number;
  readonly reason: WireValue;
}

/** Ends the worker when what it was given is done. */
export interface StopMessage {
  readonly type: "stop";
}

export type ToWorker = StartMessage | RunMessage | AbortMessage | StopMessage;

/** The initializer has run; tasks may come. */
export interface ReadyMessage {
  readonly type: "ready";
  readonly version: number;
}

/** The initializer failed, or the versions differ. The worker ends by itself. */
export interface StartFailedMessage {
  readonly type: "startFailed";
  readonly reason: WireValue;
  readonly templates?: readonly Template[];
}

/** The modules that a batch needs are about to be loaded, for the sake of its first task: should the worker end before it begins, that task is why. */
export interface LoadingMessage {
  readonly type: "loading";
  readonly taskId: number;
}

/** Outcomes in the order in which the tasks ran, held back for as long as those behind them have patience. A task that was taken back has one that means nothing but that the worker has passed it. */
export interface FinishedMessage {
  readonly type: "finished";
  readonly templates?: readonly Template[];
  readonly outcomes: OutcomeColumns;
  /** Bytes: used heap of a thread, resident set of a process. */
  readonly memory?: number;
}

/** What the running task said of its progress. */
export interface ProgressMessage {
  readonly type: "progress";
  readonly taskId: number;
  readonly fraction: number;
  readonly note: string | undefined;
}

/** An error that the leftovers of a finished task raised: it belongs to no task. */
export interface LeftoverErrorMessage {
  readonly type: "leftoverError";
  readonly reason: WireValue;
  readonly templates?: readonly Template[];
}

export type FromWorker = ReadyMessage | StartFailedMessage | LoadingMessage | FinishedMessage | ProgressMessage | LeftoverErrorMessage;

/** A message while it is written. */
export type Writable<Message> = { -readonly [K in keyof Message]: Message[K] };
