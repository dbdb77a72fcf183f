// The public entry: everything that `import ... from "dure"` gives.

export * from "./contract/errors.ts";
export type * from "./contract/executor.ts";
export { Future } from "./contract/future.ts";
export type { FutureState, FutureTimings, TaskProgress, WorkerInfo } from "./contract/future.ts";
export type * from "./contract/options.ts";
export { currentTask } from "./contract/task-context.ts";
export type { TaskContext } from "./contract/task-context.ts";
