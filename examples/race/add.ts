import type { Lock } from "dure/sync";

/** Adds 1 to the total, many times: reads it, adds, writes it back. */
export function addWithoutLock(total: Int32Array, times: number, arrived: Int32Array): void {
  waitForBoth(arrived);
  for (let time = 0; time < times; time += 1) total[0] = (total[0] ?? 0) + 1;
}

/** The same, but nobody else reads between reading and writing. */
export function addWithLock(total: Int32Array, times: number, arrived: Int32Array, lock: Lock): void {
  waitForBoth(arrived);
  for (let time = 0; time < times; time += 1) {
    const guard = lock.acquireSync();
    total[0] = (total[0] ?? 0) + 1;
    guard.release();
  }
}

/** Threads start one after another: without this the first might be done before the second begins. */
function waitForBoth(arrived: Int32Array): void {
  Atomics.add(arrived, 0, 1);
  while (Atomics.load(arrived, 0) < 2);
}
