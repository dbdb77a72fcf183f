// Lets a task wait for tasks that it submitted to its own pool, where workers are objects of the pool's own thread.
// With every worker taken by tasks that do so, nothing would ever go on; so a task that has such children lends them
// its place: as many further tasks may run as there are running tasks with unfinished children. One lent place takes one
// child at a time, so that on a serial pool the children of a task still run one after another.

import type { PoolState } from "./pool-state.ts";
import type { Task } from "./task.ts";

/** `run`: the task from inside which `task` was submitted, or the ghost of one. */
export function adopt(state: PoolState, task: Task, run: Task): void {
  const parent = run.ghostOf ?? run;
  task.parent = parent;
  parent.children += 1;
  if (parent.holders > 0) startLending(state, parent);
}

/** `task` runs, and may wait for its children: also for those of an attempt before. */
export function startLending(state: PoolState, task: Task): void {
  if (task.isLending || task.children === 0) return;
  task.isLending = true;
  state.lending += 1;
}

/** `task` has ended. */
export function leaveParent(state: PoolState, task: Task): void {
  const parent = task.parent;
  if (parent === undefined) return;
  task.parent = undefined;
  parent.children -= 1;
  if (parent.children === 0) stopLending(state, parent);
}

/** No worker runs `task` any more, or it no longer has children. */
export function stopLending(state: PoolState, task: Task): void {
  if (!task.isLending) return;
  task.isLending = false;
  state.lending -= 1;
}

/** Whether a further task may start: of the queue, or (`isLent`) of those whose parents lend them a place. */
export function mayStart(state: PoolState, isLent: boolean): boolean {
  return state.busy < (isLent ? state.places : state.settings.maxWorkers);
}
