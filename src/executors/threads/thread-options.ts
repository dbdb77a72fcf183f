// Makes a thread that inherits Node's own options from this one as far as threads can have them.

import { Worker, type WorkerOptions } from "node:worker_threads";

/** Options that say what the main thread runs: with them a thread would refuse to start, or run that again. */
const FOR_MAIN_THREAD = /^(?:--input-type|--eval|-e|--print|-p|-pe|--check|-c|--interactive|-i)(?:=|$)/;
const TAKES_NEXT = /^(?:--input-type|--eval|-e|--print|-p|-pe)$/;

/** `new Worker`, without the inherited options that threads cannot have. */
export function construct(source: string, options: WorkerOptions): Worker {
  if (options.execArgv !== undefined || !process.execArgv.some((flag) => FOR_MAIN_THREAD.test(flag))) return new Worker(source, options);
  return constructWith(source, options, withoutMainThreadFlags(process.execArgv));
}

/** Options given by name are checked, inherited ones are not: drops those that the check refuses. */
function constructWith(source: string, options: WorkerOptions, execArgv: readonly string[]): Worker {
  try {
    return new Worker(source, { ...options, execArgv: [...execArgv] });
  } catch (error) {
    const accepted = execArgv.filter((flag) => !isRefused(flag, error));
    if (accepted.length === execArgv.length) throw error;
    return constructWith(source, options, accepted);
  }
}

/** Node lists the refused flags in the error's message. */
function isRefused(flag: string, error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message: string };
  if (code !== "ERR_WORKER_INVALID_EXEC_ARGV") return false;
  return (
    message
      .slice(message.indexOf(":") + 1)
      .split(",")
      .map((part) => part.trim().split(" ")[0])
      .includes(flag.split("=")[0]) || message.includes(flag)
  );
}

export function withoutMainThreadFlags(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < execArgv.length; index += 1) {
    const flag = execArgv[index]!;
    if (!FOR_MAIN_THREAD.test(flag)) kept.push(flag);
    else if (TAKES_NEXT.test(flag)) index += 1;
  }
  return kept;
}
