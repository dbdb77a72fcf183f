// `map` and `starmap` of every executor, written once on what each offers as a TaskSource.

import { checkFunction, shown } from "../contract/check-options.ts";
import type { MapResult, TaskFunction, TaskSource } from "../contract/executor.ts";
import type { MapOptions, TaskOptions } from "../contract/options.ts";
import { mapOptions } from "../contract/task-option-checks.ts";
import { ItemReader } from "./item-reader.ts";
import { MapResults } from "./map-result.ts";
import { MapRun } from "./map-run.ts";

type AnyFunction = TaskFunction<never[], unknown>;
type AnyItems = Iterable<unknown> | AsyncIterable<unknown>;

/** Runs `fn(item)` for every item on `source`. Work starts now. `defaults` are the executor's, and checked. */
export function map(source: TaskSource, fn: AnyFunction, items: AnyItems, defaults: TaskOptions, options: MapOptions | undefined): MapResult<unknown> {
  const subject = "Cannot start the map";
  checkFunction(fn, subject);
  return startMap(source, fn, new ItemReader(items, subject), { ...defaults, ...mapOptions.check(options, subject) }, (item) => [item]);
}

/** Runs `fn(...args)` for every list of arguments on `source`. Work starts now. `defaults` are the executor's, and checked. */
export function starmap(source: TaskSource, fn: AnyFunction, argLists: AnyItems, defaults: TaskOptions, options: MapOptions | undefined): MapResult<unknown> {
  const subject = "Cannot start the starmap";
  checkFunction(fn, subject);
  return startMap(source, fn, new ItemReader(argLists, subject), { ...defaults, ...mapOptions.check(options, subject) }, argumentList);
}

function startMap(source: TaskSource, fn: AnyFunction, input: ItemReader, options: MapOptions, argumentsOf: (item: unknown) => unknown[]): MapResult<unknown> {
  // The run keeps the signal and the deadline, for all items at once: no task is told of either.
  const { chunkSize, bufferSize, ordered = true, onError = "throw", signal, deadline, ...task } = options;
  const prepared = source.prepare(fn, { task, chunkSize });
  const plan = { task: prepared, input, argumentsOf, signal, deadline, bufferSize, ordered, collects: onError === "collect" };
  return new MapResults(new MapRun(plan));
}

function argumentList(item: unknown): unknown[] {
  if (!Array.isArray(item)) throw new TypeError(`Cannot start a task of the starmap: expected an array of arguments, got ${shown(item)}`);
  return [...item];
}
