// Thread and Process as one type, for tests that hold for both: TypeScript does not construct a union of generic classes.

import { Process, Thread, type SingleWorkerOptions, type TaskFunction } from "dure";

interface Either {
  new <R>(fn: TaskFunction<[], R>, args?: readonly [], options?: SingleWorkerOptions): Thread<R> | Process<R>;
  new <R, A extends unknown[]>(fn: TaskFunction<A, R>, args: readonly [...A], options?: SingleWorkerOptions): Thread<R> | Process<R>;
}

export const EITHER: Readonly<Record<"Thread" | "Process", Either>> = { Thread, Process };
