// What a running task can know and say. Kept under a registered symbol of globalThis, because a program loads
// several copies of dure: the caller's, a dependency's, and the worker entry's own.

/** The task that is running, as `currentTask()` gives it. */
export interface TaskContext {
  /** Aborts when the task is aborted, timed out or its executor terminated. */
  readonly signal: AbortSignal;
  /** Whether `signal` has aborted; true also inside a synchronous loop, where no event could tell it. */
  readonly aborted: boolean;
  /** The worker's index in its pool, 0 to `maxWorkers - 1`. */
  readonly workerIndex: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The task's `label`, or its function's name. */
  readonly label: string;
  /** Reports how far the task is, 0 to 1, and optionally in words; seen as `future.progress`. */
  progress(fraction: number, note?: string): void;
}

const CURRENT_TASK = Symbol.for("dure.currentTask");

/** How a worker (or a rung without workers) tells which task runs. */
export type CurrentTaskSource = () => TaskContext | undefined;

/** The task that is running, or `undefined` outside of one. */
export function currentTask(): TaskContext | undefined {
  return (globalThis as { [CURRENT_TASK]?: CurrentTaskSource })[CURRENT_TASK]?.();
}

/** Called by what runs tasks, once per thread: the last source wins, and asks `previous` when it runs none itself. */
export function provideCurrentTask(makeSource: (previous: CurrentTaskSource) => CurrentTaskSource): void {
  const scope = globalThis as { [CURRENT_TASK]?: CurrentTaskSource };
  scope[CURRENT_TASK] = makeSource(scope[CURRENT_TASK] ?? (() => undefined));
}

const TASK_ENDS = Symbol.for("dure.taskEnds.1");

/** Whoever must know when a task is over: all copies of dure in a thread tell all. */
const listeners: ((task: TaskContext) => void)[] = ((globalThis as { [TASK_ENDS]?: ((task: TaskContext) => void)[] })[TASK_ENDS] ??= []);

/** Calls `listener` with each task of this thread that ends, when its function has returned or thrown. Must not throw. */
export function onTaskEnd(listener: (task: TaskContext) => void): void {
  listeners.push(listener);
}

/** Called by what runs tasks. */
export function announceTaskEnd(task: TaskContext): void {
  for (const listener of listeners) listener(task);
}
