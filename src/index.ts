// The public entry: everything that `import ... from "dure"` gives.

export { advise } from "./advise.ts";
export { asCompleted } from "./combinators/as-completed.ts";
export type { CompletedFuture } from "./combinators/as-completed.ts";
export { wait } from "./combinators/wait.ts";
export type { WaitResult } from "./combinators/wait.ts";
export { task } from "./codec/functions/task.ts";
export { move } from "./codec/move.ts";
export { share } from "./codec/share.ts";
export { registerReducer } from "./codec/reducers.ts";
export type { Reducer } from "./codec/reducers.ts";
export type { Advice, AdvisedRung, AdviseOptions, RungPrediction } from "./contract/advice.ts";
export * from "./contract/errors.ts";
export type {
  CollectOptions,
  Executor,
  ExecutorStats,
  Items,
  MapResult,
  ShutdownOptions,
  TaskFunction,
  TaskSubmitter,
  TransportStats,
  ThrowOptions,
} from "./contract/executor.ts";
export type { Future, FutureState, FutureTimings, ResultOptions, TaskProgress, WorkerInfo } from "./contract/future.ts";
export type * from "./contract/options.ts";
export { currentTask } from "./contract/task-context.ts";
export type { TaskContext } from "./contract/task-context.ts";
export { createExecutor } from "./create-executor.ts";
export type { CreateExecutorOptions, ExecutorSpec } from "./create-executor.ts";
export { AsyncExecutor } from "./executors/async/async-executor.ts";
export { Process } from "./executors/processes/process.ts";
export { ProcessPoolExecutor } from "./executors/processes/process-pool-executor.ts";
export { SerialExecutor } from "./executors/serial/serial-executor.ts";
export { Thread } from "./executors/threads/thread.ts";
export { ThreadPoolExecutor } from "./executors/threads/thread-pool-executor.ts";
