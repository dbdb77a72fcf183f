// Makes a thread that inherits Node's own options from this one as far as threads can have them.

import { Worker, type WorkerOptions } from "node:worker_threads";
import { withoutWhatToRun } from "../../transport/inherited-flags.ts";

/** `new Worker`, without the inherited options that threads cannot have. */
export function constructThread(source: string, options: WorkerOptions): Worker {
  if (options.execArgv !== undefined) return new Worker(source, options);
  const inherited = withoutWhatToRun(process.execArgv);
  // Node lets a thread inherit all options unchecked; named ones it checks.
  if (inherited.length === process.execArgv.length) return new Worker(source, options);
  return constructWith(source, options, inherited);
}

/** Drops the options that the check refuses, which are those of the whole process: the thread has them anyway. */
function constructWith(source: string, options: WorkerOptions, execArgv: readonly string[]): Worker {
  try {
    return new Worker(source, { ...options, execArgv: [...execArgv] });
  } catch (error) {
    const accepted = execArgv.filter((flag) => !isRefused(flag, error));
    if (accepted.length === execArgv.length) throw error;
    return constructWith(source, options, accepted);
  }
}

/** Node lists the refused options in its message. */
function isRefused(flag: string, error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message: string };
  return code === "ERR_WORKER_INVALID_EXEC_ARGV" && message.includes(flag);
}
