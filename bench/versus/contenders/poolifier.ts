// poolifier's fixed pools with their defaults, on threads and on processes (node:cluster).

import { fileURLToPath } from "node:url";
import { FixedClusterPool, FixedThreadPool } from "poolifier";
import type { Contender, ContenderPool } from "../contender.ts";

function file(name: string): string {
  return fileURLToPath(new URL(`workers/${name}`, import.meta.url));
}

export const contender: Contender = {
  open(workers, kind, { binary }): ContenderPool {
    const pool =
      kind === "threads"
        ? new FixedThreadPool(workers, file("poolifier-thread.js"))
        : new FixedClusterPool(workers, file("poolifier-process.cjs"), binary ? { settings: { serialization: "advanced" } } : {});
    return {
      run: (task, argument) => (task === "echoMoved" ? pool.execute(argument, task, undefined, [argument as ArrayBuffer]) : pool.execute(argument, task)),
      map: (task, items) => pool.mapExecute(items, task),
      cancellable: (task, argument) => {
        const aborter = new AbortController();
        return { result: pool.execute(argument, task, aborter.signal), cancel: () => aborter.abort() };
      },
      // Its workers have no way to move a result.
      crosses: kind === "threads" ? ["shared"] : [],
      close: () => pool.destroy(),
    };
  },
};
