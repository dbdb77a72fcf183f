// A pool that is opened when it is first needed. To load what it works with takes as long as to start a worker: so the
// first worker is begun before, and both get ready at once.

import { setImmediate } from "node:timers";
import type { PreparedTask, PrepareOptions, TaskFunction, TaskSource } from "../../contract/executor.ts";
import type { Future } from "../../contract/future.ts";
import type { TaskOptions } from "../../contract/options.ts";
import type { AnyTaskFunction, Pool } from "../../pool/pool.ts";

export interface PoolOpening<Begun> {
  readonly kind: string;
  readonly maxWorkers: number;
  /** Whether it must be opened when it is made, as what it is opened with may change. */
  readonly isUrgent?: boolean | undefined;
  /** Begins the first worker, whose index is 0. Left out where workers start at once. */
  readonly begin?: (() => Begun) | undefined;
  /** `begun`: what the pool's first worker must be made of, now. */
  open(begun: Begun | undefined): Pool;
}

export class DeferredPool implements TaskSource {
  readonly #opening: PoolOpening<unknown>;
  #pool: Pool | undefined;

  constructor(opening: PoolOpening<unknown>) {
    this.#opening = opening;
    if (opening.isUrgent === true) this.#pool = opening.open(undefined);
    // Before long in any case: a task that comes later should not wait for it.
    else setImmediate(() => void this.opened).unref();
  }

  get kind(): string {
    return this.#opening.kind;
  }

  get maxWorkers(): number {
    return this.#opening.maxWorkers;
  }

  get opened(): Pool {
    return (this.#pool ??= this.#opening.open(undefined));
  }

  submit(fn: AnyTaskFunction, args: unknown[], options: TaskOptions): Future<unknown> {
    return (this.#pool ?? this.#openFor(options)).submit(fn, args, options);
  }

  prepare(fn: TaskFunction<never[], unknown>, options: PrepareOptions): PreparedTask {
    return (this.#pool ?? this.#openFor({})).prepare(fn, options);
  }

  /** Whoever opens it so submits a task next, for which the pool starts a worker. */
  #openFor({ signal }: TaskOptions): Pool {
    const begun = signal?.aborted === true ? undefined : this.#opening.begin?.();
    return (this.#pool = this.#opening.open(begun));
  }
}
