// What `map` returns: results to be awaited as an array, or to be iterated over as they come. One of the two.

import { InvalidStateError } from "../contract/errors.ts";
import type { MapResult } from "../contract/executor.ts";
import type { MapRun } from "./map-run.ts";
import { MapStream } from "./map-stream.ts";

export class MapResults<T> implements MapResult<T> {
  readonly #run: MapRun;
  #promise: Promise<T[]> | undefined;
  #isStreamed = false;

  constructor(run: MapRun) {
    this.#run = run;
  }

  get [Symbol.toStringTag](): string {
    return "MapResult";
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a map is awaited for its array.
  then<A = T[], E = never>(
    onFulfilled?: ((results: T[]) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<A | E> {
    return this.#asPromise().then(onFulfilled, onRejected);
  }

  catch<E = never>(onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null): Promise<T[] | E> {
    return this.#asPromise().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T[]> {
    return this.#asPromise().finally(onFinally);
  }

  stream(): AsyncIterableIterator<T> {
    if (this.#promise !== undefined) throw new InvalidStateError("Cannot iterate over the results of the map as they have been awaited");
    if (this.#isStreamed) throw new InvalidStateError("Cannot iterate over the results of the map twice: they are not kept");
    this.#isStreamed = true;
    return new MapStream<T>(this.#run);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.stream();
  }

  #asPromise(): Promise<T[]> {
    if (this.#isStreamed) return Promise.reject(new InvalidStateError("Cannot await the results of the map as they are being iterated over"));
    return (this.#promise ??= this.#run.toArray() as Promise<T[]>);
  }
}
