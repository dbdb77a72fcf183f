// What must and what must not compile of executors, wait and asCompleted. Never run.

import type { Executor, Future, WaitResult } from "dure";
import { AsyncExecutor, ProcessPoolExecutor, SerialExecutor, ThreadPoolExecutor, asCompleted, createExecutor, wait } from "dure";
import { exactly } from "./equal.js";

declare const numbers: Future<number>[];
declare const mixed: [Future<number>, Future<string>];
declare function connect(url: string, retries?: number): void;

const executors: Executor[] = [new SerialExecutor(), new AsyncExecutor(), new ThreadPoolExecutor(), new ProcessPoolExecutor()];
void executors;

export async function scoped(): Promise<number> {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  return await pool.submit(() => 1);
}

new ThreadPoolExecutor({ initializer: connect, initargs: ["url"] });
new ThreadPoolExecutor({ initializer: connect, initargs: ["url", 3] });
new ProcessPoolExecutor({ initializer: () => {} });
// @ts-expect-error Arguments that the initializer does not take.
new ThreadPoolExecutor({ initializer: connect, initargs: [5] });
// @ts-expect-error An option of another rung.
new SerialExecutor({ maxWorkers: 2 });
// @ts-expect-error An option of another rung.
new AsyncExecutor({ maxWorkers: 2 });
// @ts-expect-error A misspelt option.
new ThreadPoolExecutor({ maxworkers: 2 });
// @ts-expect-error A number as text.
new ThreadPoolExecutor({ maxWorkers: "4" });

exactly<SerialExecutor>()(createExecutor("serial"));
exactly<AsyncExecutor>()(createExecutor("async:100"));
exactly<ThreadPoolExecutor>()(createExecutor("threads:4", { maxTasksPerWorker: 3 }));
exactly<ProcessPoolExecutor>()(createExecutor("processes"));
exactly<Executor>()(createExecutor(String(process.argv[2])));

exactly<Promise<WaitResult<Future<number>>>>()(wait(numbers));
exactly<Promise<WaitResult<Future<number> | Future<string>>>>()(wait(mixed, { returnWhen: "FIRST_COMPLETED", timeout: 5 }));
exactly<Promise<WaitResult<Future<number>>>>()(wait(new Set(numbers)));
for await (const { future, index } of asCompleted(numbers)) {
  exactly<Future<number>>()(future);
  exactly<number>()(index);
}
for await (const { future } of asCompleted(mixed, { timeout: 5 })) exactly<Future<number> | Future<string>>()(future);

// @ts-expect-error Promises are no futures.
void wait([Promise.resolve(1)]);
// @ts-expect-error A word that the option does not know.
void wait(numbers, { returnWhen: "ANY" });
// @ts-expect-error asCompleted takes the futures in one iterable.
asCompleted(...numbers);
// @ts-expect-error A view shares its pool and cannot close it.
void new SerialExecutor().with({}).shutdown();
