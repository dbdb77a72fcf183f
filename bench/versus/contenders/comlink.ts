// comlink: one proxy for each worker thread, asked in turn, as it has no pool.

import { Worker } from "node:worker_threads";
import { transfer, wrap } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import type { Contender, ContenderPool } from "../contender.ts";
import type { TaskName } from "../tasks.ts";

type Proxy = Record<TaskName, (argument: unknown) => Promise<unknown>>;

export const contender: Contender = {
  open(count): ContenderPool {
    const workers = Array.from({ length: count }, () => new Worker(new URL("workers/comlink-worker.js", import.meta.url)));
    const proxies = workers.map((worker) => wrap(nodeEndpoint(worker)) as unknown as Proxy);
    let turn = 0;
    return {
      run: (task, argument) => {
        turn = (turn + 1) % count;
        const proxy = proxies[turn] as Proxy;
        return proxy[task](task === "echoMoved" ? transfer(argument as ArrayBuffer, [argument as ArrayBuffer]) : argument);
      },
      crosses: ["moved", "shared"],
      close: () => Promise.all(workers.map((worker) => worker.terminate())),
    };
  },
};
