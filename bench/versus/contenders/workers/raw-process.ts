import * as functions from "../../tasks.ts";
import type { Request } from "../raw.ts";

const tasks = functions as unknown as Record<string, (argument: unknown) => unknown>;

process.on("message", ({ id, task, argument }: Request) => {
  process.send?.({ id, value: tasks[task]?.(argument) });
});
