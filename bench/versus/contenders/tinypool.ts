// tinypool with its defaults, on threads and on processes.

import { Tinypool } from "tinypool";
import type { Contender, ContenderPool } from "../contender.ts";

export const contender: Contender = {
  open(workers, kind, { binary }): ContenderPool {
    const pool = new Tinypool({
      filename: new URL("workers/tinypool-worker.js", import.meta.url).href,
      runtime: kind === "threads" ? "worker_threads" : "child_process",
      minThreads: workers,
      maxThreads: workers,
      ...(binary ? { serialization: "advanced" } : {}),
    });
    return {
      // Its type names another of postMessage's two forms than the one that it calls.
      run: (task, argument) => pool.run(argument, task === "echoMoved" ? { name: task, transferList: [argument] as never } : { name: task }),
      cancellable: (task, argument) => {
        const aborter = new AbortController();
        return { result: pool.run(argument, { name: task, signal: aborter.signal }), cancel: () => aborter.abort() };
      },
      crosses: kind === "threads" ? ["moved", "shared"] : [],
      close: () => pool.destroy(),
    };
  },
};
