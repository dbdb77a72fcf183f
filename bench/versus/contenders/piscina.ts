// piscina with its defaults.

import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { Contender, ContenderPool } from "../contender.ts";

export const contender: Contender = {
  open(workers): ContenderPool {
    const pool = new Piscina({
      filename: fileURLToPath(new URL("workers/piscina-worker.js", import.meta.url)),
      minThreads: workers,
      maxThreads: workers,
    });
    return {
      // Its type names another of postMessage's two forms than the one that it calls.
      run: (task, argument) => pool.run(argument, task === "echoMoved" ? { name: task, transferList: [argument] as never } : { name: task }),
      cancellable: (task, argument) => {
        const aborter = new AbortController();
        return { result: pool.run(argument, { name: task, signal: aborter.signal }), cancel: () => aborter.abort() };
      },
      crosses: ["moved", "shared"],
      close: () => pool.destroy(),
    };
  },
};
