// Reads the options of a task, which have been checked, into what policy and pool need of them.

import type { GrowingBackoff, RetryOptions, TaskOptions } from "../contract/options.ts";
import { reportUnhandled } from "../contract/unhandled.ts";
import { PLAIN_TRAITS } from "../policy/task.ts";
import type { PoolTask, TaskOrder } from "./pool-task.ts";

const PLAIN_ORDER: TaskOrder = {
  traits: PLAIN_TRAITS,
  label: undefined,
  signal: undefined,
  isStoppable: false,
  retries: undefined,
  timeout: undefined,
  queueTimeout: undefined,
  deadline: undefined,
};

/** `now`: when `deadline` begins. Called lazily: few tasks have one. */
export function readTaskOptions(options: TaskOptions, chunkSize: number | undefined, now: () => number): TaskOrder {
  if (chunkSize === undefined && isPlain(options)) return PLAIN_ORDER;
  const { label, signal, timeout, queueTimeout, deadline, priority } = options;
  const retries = typeof options.retries === "number" ? { limit: options.retries } : options.retries;
  const traits = {
    priority: priority ?? 0,
    chunkSize,
    retryLimit: retries?.limit ?? 0,
    timeout: timeout ?? Infinity,
    queueTimeout: queueTimeout ?? Infinity,
    deadlineAt: deadline === undefined || deadline === Infinity ? Infinity : now() + deadline,
    sendOnce: false,
  };
  const isStoppable = signal !== undefined || traits.timeout !== Infinity || traits.deadlineAt !== Infinity;
  return { traits, label, signal, isStoppable, retries, timeout, queueTimeout, deadline };
}

/** For a task whose buffers move with it. */
export function sentOnce(order: TaskOrder): TaskOrder {
  return { ...order, traits: { ...order.traits, sendOnce: true } };
}

function isPlain(options: TaskOptions): boolean {
  for (const name in options) if (options[name as keyof TaskOptions] !== undefined) return false;
  return true;
}

/** How long until a failed task's next attempt, in milliseconds; `undefined` if its caller wants none. */
export function decideRetry(task: PoolTask): number | undefined {
  try {
    return task.order.retries === undefined ? undefined : askRetry(task.order.retries, task.attempts, task.value);
  } catch (error) {
    // The task still fails with its own error; that of the caller's function must not be lost either.
    reportUnhandled(error);
    return undefined;
  }
}

/** The pause after the attempt with this number, 1 or more. `random`: from 0 to below 1. */
export function pauseAfter(attempt: number, { initial, factor = 2, maximum = 30_000, jitter = 1 }: GrowingBackoff, random: () => number = Math.random): number {
  const longest = Math.min(maximum, initial * factor ** (attempt - 1));
  return longest * (1 - jitter * random());
}

function askRetry({ on, backoff }: RetryOptions, attempt: number, error: unknown): number | undefined {
  // As a filter does: what is not truthy is no.
  if (on !== undefined && !on(error)) return undefined;
  const pause = typeof backoff === "object" ? pauseAfter(attempt, backoff) : typeof backoff === "function" ? backoff(attempt, error) : (backoff ?? 0);
  const delayMs = typeof pause === "number" && pause >= 0 ? pause : 0;
  // An attempt after a pause without end would keep the future, and the pool, open for ever.
  return delayMs === Infinity ? undefined : delayMs;
}
