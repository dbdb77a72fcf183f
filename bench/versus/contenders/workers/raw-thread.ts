import { parentPort } from "node:worker_threads";
import * as functions from "../../tasks.ts";
import type { Request } from "../raw.ts";

const tasks = functions as unknown as Record<string, (argument: unknown) => unknown>;

parentPort?.on("message", ({ id, task, argument }: Request) => {
  const value = task === "echoMoved" ? argument : tasks[task]?.(argument);
  parentPort?.postMessage({ id, value }, task === "echoMoved" ? [argument as ArrayBuffer] : []);
});
