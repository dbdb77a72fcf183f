// workerpool with its defaults, on threads and on processes.

import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import type { Contender, ContenderPool } from "../contender.ts";

export const contender: Contender = {
  open(workers, kind, { binary }): ContenderPool {
    const pool = workerpool.pool(fileURLToPath(new URL("workers/workerpool-worker.js", import.meta.url)), {
      workerType: kind === "threads" ? "thread" : "process",
      minWorkers: workers,
      maxWorkers: workers,
      ...(binary ? { forkOpts: { serialization: "advanced" } } : {}),
    });
    // Its promises are of a class of its own, without all that a Promise has.
    const run = (task: string, argument: unknown): PromiseLike<unknown> =>
      pool.exec(task, [argument], task === "echoMoved" ? { transfer: [argument as ArrayBuffer] } : {}) as PromiseLike<unknown>;
    return {
      run: run as ContenderPool["run"],
      cancellable: (task, argument) => {
        const promise = pool.exec(task, [argument]);
        return { result: promise, cancel: () => void promise.cancel() };
      },
      crosses: kind === "threads" ? ["moved", "shared"] : [],
      close: () => pool.terminate(true),
    };
  },
};
