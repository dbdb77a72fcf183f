// dure with its defaults.

import { move, ProcessPoolExecutor, SerialExecutor, ThreadPoolExecutor } from "dure";
import type { Executor } from "dure";
import type { Contender, ContenderPool } from "../contender.ts";
import { echo, increment, work } from "../tasks.ts";
import type { TaskName } from "../tasks.ts";

type AnyTask = (argument: never) => unknown;

const tasks: Record<TaskName, AnyTask> = { increment, work, echo, echoMoved: (buffer: ArrayBuffer) => move(buffer) };

const SPIN_MS = 0.1;

function executor(workers: number, kind: string): Executor {
  if (kind === "serial") return new SerialExecutor();
  // Both sides look for each other's next message before they sleep, for that many milliseconds.
  const options = { maxWorkers: workers, ...(kind.includes("spinning") && { spin: { worker: SPIN_MS, caller: SPIN_MS } }) };
  return kind.startsWith("threads") ? new ThreadPoolExecutor(options) : new ProcessPoolExecutor(options);
}

export const contender: Contender = {
  open(workers, kind): ContenderPool {
    const pool = executor(workers, kind);
    return {
      run: (task, argument) => pool.submit(tasks[task], (task === "echoMoved" ? move(argument as ArrayBuffer) : argument) as never),
      map: (task, items) => pool.map(tasks[task] as (item: number) => unknown, items),
      cancellable: (task, argument) => {
        const result = pool.submit(tasks[task], argument as never);
        return { result, cancel: () => result.cancel() };
      },
      closure: (x, y) => pool.submit(() => x + y),
      crosses: kind.startsWith("processes") ? ["moved"] : ["moved", "shared"],
      close: () => pool.shutdown(),
    };
  },
};
