// What must be true of a pool's state after every event but those of which `workerReported` is the end. Called by tests, never by a pool.

import type { PoolState } from "./pool-state.ts";
import type { Task, TaskPlace } from "./task.ts";
import type { Worker } from "./worker.ts";

/** The first thing that is wrong with the state, in words; `undefined` if nothing is. */
export function findContradiction(state: PoolState): string | undefined {
  for (const contradiction of contradictions(state)) return contradiction;
  return undefined;
}

function* contradictions(state: PoolState): Generator<string> {
  yield* ofPlaces(state);
  yield* ofWorkers(state);
  yield* ofCounts(state);
  yield* ofChildren(state);
  yield* ofEnd(state);
  if (state.phase === "closed") yield* ofClosed(state);
  else if (state.timerAt > state.alarms.next) yield `the timer is set to ${state.timerAt}, after the alarm at ${state.alarms.next}`;
}

/** Every task is in exactly one place, and that is where it says it is. */
function* ofPlaces(state: PoolState): Generator<string> {
  const seen = new Set<Task>();
  for (const [task, place] of placed(state)) {
    if (seen.has(task)) yield `a task is in two places, one of them ${place}`;
    if (task.place !== place) yield `a task that is ${place} says that it is ${task.place}`;
    seen.add(task);
  }
  const live = [...seen].filter((task) => task.ghostOf === undefined).length;
  if (live !== state.tasks) yield `${live} tasks have a place, ${state.tasks} have not ended`;
}

function* placed(state: PoolState): Generator<[Task, TaskPlace]> {
  for (const task of state.queue) yield [task, "queued"];
  for (const task of state.lent) yield [task, "queued"];
  for (const task of state.deciding) yield [task, "deciding"];
  for (const task of state.waiting.keys()) yield [task, "waiting"];
  for (const worker of state.workers) for (const task of worker.handed) yield [task, "handed"];
}

function* ofWorkers(state: PoolState): Generator<string> {
  const indexes = new Set<number>();
  for (const worker of state.workers) {
    if (indexes.has(worker.index)) yield `two workers have the index ${worker.index}`;
    indexes.add(worker.index);
    yield* ofWorker(state, worker);
  }
}

function* ofWorker(state: PoolState, worker: Worker): Generator<string> {
  const name = `worker ${worker.index}`;
  const isReady = worker.state === "ready";
  if (worker.state === "gone") yield `${name} is gone and still has a place`;
  if (state.starting.has(worker) !== (worker.state === "starting")) yield `${name} is ${worker.state} and is (or is not) among those that start`;
  if (state.idle.has(worker) && (!isReady || worker.handed.length > 0)) yield `${name} is idle, ${worker.state}, with ${worker.handed.length} tasks`;
  if (isReady && worker.handed.length === 0 && !state.idle.has(worker)) yield `${name} has no tasks and is not idle`;
  if (state.overrunning.has(worker) && !isReady) yield `${name} overruns and is ${worker.state}`;
  const wanted = [...worker.handed].filter(({ ghostOf }) => ghostOf === undefined).length;
  if (wanted + worker.tasksLeft > state.settings.maxTasksPerWorker)
    yield `${name} has ${wanted} tasks and may get ${worker.tasksLeft} more, of ${state.settings.maxTasksPerWorker}`;
  if (state.hungry.has(worker) && (!isReady || worker.handed.length === 0)) yield `${name} is hungry, ${worker.state}, with ${worker.handed.length} tasks`;
  if (worker.handed.length > 0 && worker.state !== "killed" && !worker.isHeld) yield `${name} has tasks and does not keep the program alive`;
  if (worker.handed.length > 0 && worker.state === "stopping") yield `${name} was told to stop and has tasks`;
  if (worker.tasksLeft < 0) yield `${name} was given ${-worker.tasksLeft} tasks too many`;
  for (const task of worker.handed) if (task.worker !== worker) yield `a task of ${name} says that it is another's`;
}

/** A task lends its place exactly while it runs and has children. */
function* ofChildren(state: PoolState): Generator<string> {
  const children = new Map<Task, number>();
  for (const [task] of placed(state)) if (task.parent !== undefined) children.set(task.parent, (children.get(task.parent) ?? 0) + 1);
  for (const worker of state.workers) {
    for (const handed of worker.handed) {
      const task = handed.ghostOf ?? handed;
      const count = children.get(task) ?? 0;
      if (task.children !== count) yield `a task has ${count} children, ${task.children} were counted`;
      if (task.isLending !== count > 0) yield `a task with ${count} children lends (or does not lend) its place`;
    }
  }
}

function* ofCounts(state: PoolState): Generator<string> {
  let busy = 0;
  let unstarted = 0;
  const lending = new Set<Task>();
  for (const worker of state.workers) {
    let expectedMs = 0;
    for (const task of worker.handed) {
      expectedMs += task.expectedMs ?? 0;
      if ((task.ghostOf ?? task).isLending) lending.add(task.ghostOf ?? task);
    }
    if (Math.abs(expectedMs - worker.expectedMs) > 1e-6 * (1 + expectedMs))
      yield `worker ${worker.index} expects ${worker.expectedMs} ms, its tasks ${expectedMs}`;
    if (worker.handed.length > 0) busy += 1;
    unstarted += Math.max(0, worker.handed.length - 1);
  }
  const leaving = [...state.workers].filter((worker) => worker.state === "stopping" || worker.state === "killed").length;
  if (leaving !== state.leaving) yield `${leaving} workers are leaving, ${state.leaving} were counted`;
  if (busy !== state.busy) yield `${busy} workers are busy, ${state.busy} were counted`;
  if (unstarted !== state.unstarted) yield `${unstarted} tasks wait behind others, ${state.unstarted} were counted`;
  if (lending.size !== state.lending) yield `${lending.size} tasks lend their place, ${state.lending} were counted`;
  if (!state.settings.isInThread && state.workers.size > state.settings.maxWorkers) yield `there are ${state.workers.size} workers`;
}

/** What can never run any more is nowhere. */
function* ofEnd(state: PoolState): Generator<string> {
  const isOver = state.isBroken || state.cancelsPending;
  if (isOver && state.queue.length + state.lent.length + state.waiting.size > 0) yield "tasks wait in a pool that will start none";
  if (state.isTerminated && state.tasks > 0) yield `${state.tasks} tasks are left in a terminated pool`;
  if (state.isTerminated && state.idle.length + state.starting.size > 0) yield "workers stay in a terminated pool";
  if (state.phase === "open" && (state.cancelsPending || state.isTerminated)) yield "a pool that is ending says that it is open";
}

function* ofClosed(state: PoolState): Generator<string> {
  if (state.workers.size > 0) yield `${state.workers.size} workers are left in a closed pool`;
  if (state.tasks > 0) yield `${state.tasks} tasks are left in a closed pool`;
  if (state.alarms.length > 0) yield `${state.alarms.length} alarms are set in a closed pool`;
}
