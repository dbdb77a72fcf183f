// The lines that the others are measured against: a call, and a call whose argument and result are copied.

import type { Contender, ContenderPool } from "../contender.ts";
import * as functions from "../tasks.ts";
import type { TaskName } from "../tasks.ts";

type Call = (argument: unknown) => unknown;

const tasks: Record<TaskName, Call> = { ...(functions as unknown as Record<TaskName, Call>), echoMoved: functions.echo };

function call(task: TaskName, argument: unknown): unknown {
  return tasks[task](argument);
}

function callWithCopies(task: TaskName, argument: unknown): unknown {
  return structuredClone(tasks[task](structuredClone(argument)));
}

export const contender: Contender = {
  open(_workers, kind): ContenderPool {
    const invoke = kind === "copies" ? callWithCopies : call;
    return {
      run: async (task, argument) => invoke(task, argument),
      map: async (task, items) => {
        const results: unknown[] = [];
        for (const item of items) results.push(invoke(task, item));
        return results;
      },
      closure: async (x, y) => (() => x + y)(),
      crosses: kind === "copies" ? [] : ["moved", "shared"],
      close: () => {},
    };
  },
};
