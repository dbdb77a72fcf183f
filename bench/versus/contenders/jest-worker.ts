// jest-worker with its defaults, on threads and on processes.

import { fileURLToPath } from "node:url";
import { Worker } from "jest-worker";
import type { Contender, ContenderPool } from "../contender.ts";
import type { TaskName } from "../tasks.ts";

type Farm = Worker & Record<TaskName, (argument: unknown) => Promise<unknown>>;

export const contender: Contender = {
  open(workers, kind): ContenderPool {
    const farm = new Worker(fileURLToPath(new URL("../tasks.js", import.meta.url)), {
      numWorkers: workers,
      enableWorkerThreads: kind === "threads",
      exposedMethods: ["increment", "work", "echo"],
    }) as Farm;
    return {
      run: (task, argument) => farm[task](argument),
      crosses: kind === "threads" ? ["shared"] : [],
      close: () => farm.end(),
    };
  },
};
