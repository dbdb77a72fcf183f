// Decides which workers keep the program alive: those that run tasks, start for tasks, or are being stopped while
// someone waits for it. An idle pool lets the program end.

import type { PoolState } from "./pool-state.ts";
import type { Worker } from "./worker.ts";

export function hold(state: PoolState, worker: Worker): void {
  if (worker.isHeld) return;
  worker.isHeld = true;
  state.instruct({ type: "holdWorker", worker });
}

export function release(state: PoolState, worker: Worker): void {
  if (!worker.isHeld) return;
  worker.isHeld = false;
  state.instruct({ type: "releaseWorker", worker });
}

/** A worker that starts is worth waiting for only while there is a task for it. */
export function holdStarting(state: PoolState): void {
  for (const worker of state.starting) {
    if (state.tasks > 0) hold(state, worker);
    else release(state, worker);
  }
}
