// Who ends among the threads that this one has started. A thread that is terminated can tell nobody, so its starter does.

import { getEnvironmentData, setEnvironmentData, threadId, type Worker } from "node:worker_threads";
import { sharedState } from "../codec/shared-state.ts";

/** Inherited by the threads that a thread starts: its id. */
const PARENT = "dure.sync.parent.1";

interface ThreadEnds {
  /** The thread that started this one, if that one can tell of its end. */
  readonly parent: number | undefined;
  readonly listeners: Set<(threadId: number) => void>;
}

/** One for all copies of this module in a thread. Made when the module is loaded: of threads that were started before nothing is heard, but for those of an executor. */
const ends: ThreadEnds = sharedState("sync.threadEnds.1", watchThreads);

function watchThreads(): ThreadEnds {
  const parent = getEnvironmentData(PARENT) as unknown;
  setEnvironmentData(PARENT, threadId);
  process.on("worker", watch);
  for (const worker of sharedState("threads.1", () => new Set<Worker>())) watch(worker);
  return { parent: typeof parent === "number" ? parent : undefined, listeners: new Set() };
}

function watch(worker: Worker): void {
  // Minus one once it has ended.
  const { threadId: ended } = worker;
  worker.once("exit", () => {
    for (const listener of ends.listeners) listener(ended);
  });
}

/** The thread that started this one, if it will tell of its end. */
export function parentThread(): number | undefined {
  return ends.parent;
}

export function onThreadEnd(listener: (threadId: number) => void): void {
  ends.listeners.add(listener);
}
