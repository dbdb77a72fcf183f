// What the pool says when something is wrong: every error that it makes for a future.

import {
  BrokenExecutorError,
  ExecutorShutdownError,
  QueueFullError,
  SerializationError,
  TimeoutError,
  WorkerLostError,
  WorkerStartError,
} from "../contract/errors.ts";
import { messageOf } from "../contract/message-of.ts";
import type { LimitKind } from "../policy/instructions.ts";
import type { WorkerExit } from "../transport/worker-host.ts";
import type { PoolTask } from "./pool-task.ts";

export function shutdownError(pool: string): ExecutorShutdownError {
  return new ExecutorShutdownError(`Cannot submit the task as the executor ${quote(pool)} has been shut down`);
}

export function terminatedError(pool: string): ExecutorShutdownError {
  return new ExecutorShutdownError(`The task was stopped as the executor ${quote(pool)} was terminated`);
}

export function queueFullError(pool: string, maxQueue: number): QueueFullError {
  return new QueueFullError(`Cannot submit the task as ${maxQueue} tasks wait in the executor ${quote(pool)} already: await some first, or raise maxQueue`, {
    maxQueue,
  });
}

/** A new one for each future: they must not share a stack or be changed through each other. */
export function brokenError(pool: string, cause: unknown): BrokenExecutorError {
  return new BrokenExecutorError(`The executor ${quote(pool)} cannot run tasks any more: ${messageOf(cause)}`, { cause });
}

export function timeoutError(task: PoolTask, limit: LimitKind): TimeoutError {
  const { timeout = 0, queueTimeout = 0, deadline = 0 } = task.order;
  const name = quote(task.label);
  switch (limit) {
    case "run":
      return new TimeoutError(`The task ${name} did not end within ${timeout} ms of its start`, { kind: "run", timeout });
    case "queue":
      return new TimeoutError(`The task ${name} did not start within ${queueTimeout} ms`, { kind: "queue", timeout: queueTimeout });
    case "deadline":
      return new TimeoutError(`The task ${name} did not end within its deadline of ${deadline} ms`, { kind: "deadline", timeout: deadline });
  }
}

/** A task that is lost with its worker, by its label. */
export interface Loss {
  readonly task: string;
  /** How far its worker was with it when it ended. `unreported`: the task had ended, and its outcome had not been sent. */
  readonly moment: "loading" | "running" | "unreported" | "unbegun";
}

/** `loss`: the task that the worker had, if it had one. `killed`: how many workers that has ended, if that is why it gets no further attempt. */
export function workerLostError(pool: string, workerIndex: number, exit: WorkerExit, loss: Loss | undefined, killed = 0): WorkerLostError {
  const doing = loss === undefined ? "" : ` ${describeMoment(loss)}`;
  const task = loss?.task;
  const message = `Worker ${workerIndex} of the executor ${quote(pool)} ended${doing}: ${describeExit(exit)}${adviceFor(exit)}${givenUp(killed)}`;
  return new WorkerLostError(message, {
    exitCode: exit.exitCode,
    signal: exit.signal,
    likelyCause: exit.likelyCause,
    workerIndex,
    ...(task !== undefined && { task }),
    cause: exit.error,
  });
}

function describeMoment({ task, moment }: Loss): string {
  switch (moment) {
    case "loading":
      return `while it loaded the module of the task ${quote(task)}`;
    case "running":
      return `while it ran the task ${quote(task)}`;
    case "unreported":
      return `before it had sent the outcome of the task ${quote(task)}`;
    case "unbegun":
      return `before it began the task ${quote(task)}, whose buffers had moved to it`;
  }
}

export function initializerError(pool: string, reason: unknown): WorkerStartError {
  if (reason instanceof WorkerStartError) return reason;
  return new WorkerStartError(`The initializer of the executor ${quote(pool)} failed: ${messageOf(reason)}`, { cause: reason });
}

/** How the last worker of a pool ended. */
export interface LastExit {
  readonly exit: WorkerExit;
  /** Whether it had an initializer to run, and had not run it to its end. */
  readonly isOfInitializer: boolean;
}

export function startError(pool: string, last: LastExit | undefined): WorkerStartError {
  const told =
    last === undefined ? "" : `; the last one ended with ${describeExit(last.exit)}${last.isOfInitializer ? ", before its initializer returned" : ""}`;
  return new WorkerStartError(`No worker of the executor ${quote(pool)} could be started, in several attempts${told}`, { cause: last?.exit.error });
}

export function unsendableError(task: PoolTask, cause: unknown): SerializationError {
  return new SerializationError(`Cannot send the task ${quote(task.label)} to a worker: ${messageOf(cause)}`, { path: "args", cause });
}

export function lostOutcomeError(task: PoolTask, cause: unknown): Error {
  return new Error(`The outcome of the task ${quote(task.label)} could not be read`, { cause });
}

/** How a worker ended, in words. */
export function describeExit({ exitCode, signal, likelyCause, error }: WorkerExit): string {
  const how = signal !== null ? `signal ${signal}` : exitCode !== null ? `exit code ${exitCode}` : "no exit code";
  const reason = error === undefined || error === null ? "" : `: ${messageOf(error)}`;
  return `${how}, likely cause ${likelyCause}${reason}`;
}

function givenUp(killed: number): string {
  return killed === 0 ? "" : `. The task is not tried again, as it has ended ${killed} workers`;
}

function adviceFor({ likelyCause, signal }: WorkerExit): string {
  switch (likelyCause) {
    case "out of memory":
      return ". Give workers more with resourceLimits, or run fewer of them with maxWorkers";
    case "process.exit":
      return ". Return from the task or throw instead of calling process.exit()";
    case "native crash":
      if (signal === "SIGABRT") return ". It called process.abort(): throw instead";
      return ". A native module or V8 itself crashed; retries may help if it is rare";
    case "uncaught error":
      return ". Catch errors of callbacks and promises that the task leaves behind";
    case "killed":
      return ". Something outside of this executor ended it, perhaps the system for lack of memory";
    case "unknown":
      return "";
  }
}

function quote(name: string): string {
  return JSON.stringify(name);
}
