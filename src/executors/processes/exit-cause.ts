// Tells from a process's end what most likely caused it.

import type { WorkerDeathCause } from "../../contract/errors.ts";

export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Whether its pool killed it. */
  readonly isKilled: boolean;
  /** Whether the worker's own code ever ran. */
  readonly hasStarted: boolean;
  /** Whether its code called `process.abort()`. */
  readonly abortCalled: boolean;
}

const CRASHES = ["SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS"];

/** Windows reports crashes as exit codes from 0xC0000000 on. */
const WINDOWS_CRASH = 0xc0000000;

export function exitCause({ exitCode, signal, isKilled, hasStarted, abortCalled }: ProcessEnd): WorkerDeathCause {
  if (isKilled) return "killed";
  // V8 aborts when its heap is full. A failed assertion of native code does the same, and is rarer by far.
  if (signal === "SIGABRT" || exitCode === 134) return abortCalled ? "native crash" : "out of memory";
  if (signal !== null) return CRASHES.includes(signal) ? "native crash" : "killed";
  if (exitCode === null) return "unknown";
  if (exitCode >= WINDOWS_CRASH) return "native crash";
  return hasStarted ? "process.exit" : "unknown";
}
