// What an executor and a view of it (`with`) have in common: submit, map and starmap on one pool, with task options.

import { map, starmap } from "../../combinators/map.ts";
import { checkFunction } from "../../contract/check-options.ts";
import type { CollectOptions, Items, MapResult, TaskFunction, TaskSubmitter, ThrowOptions } from "../../contract/executor.ts";
import type { Future } from "../../contract/future.ts";
import type { MapOptions, TaskOptions } from "../../contract/options.ts";
import { taskOptions } from "../../contract/task-option-checks.ts";
import type { DeferredPool } from "./deferred-pool.ts";

export class PoolSubmitter implements TaskSubmitter {
  readonly #pool: DeferredPool;
  readonly #options: TaskOptions;

  constructor(pool: DeferredPool, options: TaskOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  submit<A extends unknown[], R>(fn: TaskFunction<A, R>, ...args: A): Future<Awaited<R>> {
    checkFunction(fn, "Cannot submit the task");
    return this.#pool.submit(fn, args, this.#options) as Future<Awaited<R>>;
  }

  map<T, R>(fn: TaskFunction<[item: T], R>, items: Items<T>, options: CollectOptions): MapResult<PromiseSettledResult<Awaited<R>>>;
  map<T, R>(fn: TaskFunction<[item: T], R>, items: Items<T>, options?: ThrowOptions): MapResult<Awaited<R>>;
  map<T, R>(fn: TaskFunction<[item: T], R>, items: Items<T>, options?: MapOptions): MapResult<Awaited<R> | PromiseSettledResult<Awaited<R>>>;
  map(fn: TaskFunction<never[], unknown>, items: Items<unknown>, options?: MapOptions): MapResult<never> {
    return map(this.#pool, fn, items, this.#options, options) as MapResult<never>;
  }

  starmap<A extends unknown[], R>(fn: TaskFunction<A, R>, argLists: Items<Readonly<A>>, options: CollectOptions): MapResult<PromiseSettledResult<Awaited<R>>>;
  starmap<A extends unknown[], R>(fn: TaskFunction<A, R>, argLists: Items<Readonly<A>>, options?: ThrowOptions): MapResult<Awaited<R>>;
  starmap<A extends unknown[], R>(
    fn: TaskFunction<A, R>,
    argLists: Items<Readonly<A>>,
    options?: MapOptions,
  ): MapResult<Awaited<R> | PromiseSettledResult<Awaited<R>>>;
  starmap(fn: TaskFunction<never[], unknown>, argLists: Items<unknown>, options?: MapOptions): MapResult<never> {
    return starmap(this.#pool, fn, argLists, this.#options, options) as MapResult<never>;
  }

  with(options: TaskOptions): TaskSubmitter {
    return new PoolSubmitter(this.#pool, { ...this.#options, ...taskOptions.check(options, "Cannot use the options") });
  }
}
