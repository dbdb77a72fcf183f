// Linux runs a thread that is woken at once, on the core of whoever wakes it, if no other is awake: a pool that gives a worker tiny
// tasks then stands still, in the middle of writing to it, until they are done. As a batch thread the worker waits for a core
// that is free, or for its turn on one that is not: what it gets of the processor stays the same. Bursts of 10,000 take a seventh less.

import { systemCalls } from "../transport/system-calls.ts";

/** Linux's names for how a thread is scheduled; what it starts from then on is, too. */
const USUAL = 0;
const BATCH = 3;

export function wakeBehindPool(): void {
  const calls = systemCalls(undefined);
  // Somebody has chosen another way; and no C library but glibc lets us.
  if ("reason" in calls || calls.schedulingPolicy(0) !== USUAL) return;
  calls.setSchedulingPolicy(0, BATCH, Int32Array.of(0));
}
