// What one writes without a library: workers asked in turn, one message for each task, answers matched by number.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Contender, ContenderPool } from "../contender.ts";

export interface Request {
  readonly id: number;
  readonly task: string;
  readonly argument: unknown;
}

export interface Response {
  readonly id: number;
  readonly value: unknown;
}

interface RawWorker {
  send(request: Request): void;
  stop(): Promise<unknown>;
}

type Hear = (response: Response) => void;

function thread(hear: Hear): RawWorker {
  const worker = new Worker(new URL("workers/raw-thread.js", import.meta.url));
  worker.on("message", hear);
  return {
    send: (request) => worker.postMessage(request, request.task === "echoMoved" ? [request.argument as ArrayBuffer] : undefined),
    stop: () => worker.terminate(),
  };
}

function childProcess(hear: Hear): RawWorker {
  const child = fork(fileURLToPath(new URL("workers/raw-process.js", import.meta.url)), { serialization: "advanced" });
  child.on("message", hear);
  return {
    send: (request) => void child.send(request),
    stop: () => {
      const exited = once(child, "exit");
      child.disconnect();
      return exited;
    },
  };
}

export const contender: Contender = {
  open(count, kind): ContenderPool {
    const waiting = new Map<number, (value: unknown) => void>();
    const hear: Hear = ({ id, value }) => {
      const resolve = waiting.get(id);
      waiting.delete(id);
      resolve?.(value);
    };
    const workers = Array.from({ length: count }, () => (kind === "threads" ? thread(hear) : childProcess(hear)));
    let id = 0;
    return {
      run: (task, argument) =>
        new Promise((resolve) => {
          id += 1;
          waiting.set(id, resolve);
          workers[id % count]?.send({ id, task, argument });
        }),
      crosses: kind === "threads" ? ["moved", "shared"] : [],
      close: () => Promise.all(workers.map((worker) => worker.stop())),
    };
  },
};
