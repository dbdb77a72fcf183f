import { ThreadWorker } from "poolifier";
import type { TaskFunctions } from "poolifier";
import { echo, increment, work } from "../../tasks.ts";

export default new ThreadWorker({ echo, increment, work } as unknown as TaskFunctions);
