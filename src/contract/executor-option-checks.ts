// The checks of what executors are made with; each rung's constructor calls one. Nothing has been started by then.

import type { OptionChecker } from "./check-options.ts";
import {
  abortSignal,
  anObject,
  anything,
  arrayOf,
  environment,
  milliseconds,
  nested,
  numberOr,
  numberWithin,
  ofType,
  oneOf,
  optionChecker,
  positiveNumber,
  wholeNumber,
} from "./check-options.ts";
import type { AsyncExecutorOptions, JoinOptions, PoolOptions, ResourceLimits, SerialExecutorOptions, SingleWorkerOptions, SpinOptions } from "./options.ts";

const executorChecks = {
  name: ofType("string"),
  onDispose: oneOf("drain", "cancel"),
  maxQueue: wholeNumber(1, { orInfinity: true }),
};

const localChecks = {
  ...executorChecks,
  isolate: ofType("boolean"),
  maxCaptureSize: wholeNumber(1, { orInfinity: true }),
};

/** What `SerialExecutor` takes. */
export const serialOptions: OptionChecker<SerialExecutorOptions> = optionChecker<SerialExecutorOptions>(localChecks);

/** What `AsyncExecutor` takes. */
export const asyncOptions: OptionChecker<AsyncExecutorOptions> = optionChecker<AsyncExecutorOptions>({
  ...localChecks,
  maxConcurrency: wholeNumber(1, { orInfinity: true }),
});

const workerChecks = {
  env: environment,
  execArgv: arrayOf(ofType("string")),
  maxCaptureSize: wholeNumber(1, { orInfinity: true }),
  resourceLimits: nested<ResourceLimits>({
    maxOldGenerationSizeMb: positiveNumber,
    maxYoungGenerationSizeMb: positiveNumber,
    codeRangeSizeMb: positiveNumber,
    stackSizeMb: positiveNumber,
  }),
  stdout: oneOf("inherit", "ignore", "stderr"),
  stderr: oneOf("inherit", "ignore"),
};

/** What `Thread` and `Process` take. */
export const singleWorkerOptions: OptionChecker<SingleWorkerOptions> = optionChecker<SingleWorkerOptions>({
  ...workerChecks,
  name: ofType("string"),
  transfer: arrayOf(anObject),
  daemon: ofType("boolean"),
});

/** What their `join` takes. */
export const joinOptions: OptionChecker<JoinOptions> = optionChecker<JoinOptions>({
  timeout: milliseconds({ aboveZero: false }),
  signal: abortSignal,
});

const spinTime = numberWithin(0, Infinity);

const poolOptions = optionChecker<PoolOptions>({
  ...executorChecks,
  maxWorkers: wholeNumber(1),
  minWorkers: wholeNumber(0),
  idleTimeout: milliseconds({ aboveZero: false }),
  initializer: ofType("function"),
  initargs: arrayOf(anything),
  maxTasksPerWorker: wholeNumber(1, { orInfinity: true }),
  maxMemoryPerWorker: wholeNumber(1, { orInfinity: true }),
  abortGrace: milliseconds({ aboveZero: false }),
  onWorkerDeath: oneOf("replace", "break"),
  spin: numberOr(spinTime, nested<SpinOptions>({ worker: spinTime, caller: spinTime })),
  ...workerChecks,
});

export type CheckedPoolOptions = PoolOptions & { readonly maxWorkers: number };

/** Checks what executors with workers take. `defaultMaxWorkers` is asked only if none was given. */
export function checkPoolOptions(options: PoolOptions | undefined, subject: string, defaultMaxWorkers: () => number): CheckedPoolOptions {
  const checked = poolOptions.check(options, subject);
  const maxWorkers = checked.maxWorkers ?? defaultMaxWorkers();
  const { minWorkers = 0, initargs, initializer } = checked;
  if (minWorkers > maxWorkers) throw new RangeError(`${subject}: minWorkers must be at most maxWorkers, got ${minWorkers} of ${maxWorkers}`);
  if (initargs !== undefined && initializer === undefined) throw new TypeError(`${subject}: initargs are the arguments of an initializer, and none is given`);
  return { ...checked, maxWorkers };
}
