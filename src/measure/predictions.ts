// Predicts each rung before it runs all items: a sample of calls in this thread, and what the rung takes to move them.

import { availableParallelism } from "node:os";
import type { Executor } from "../contract/executor.ts";
import { predictSeconds, type Lanes } from "./prediction.ts";
import { takeSample, type Sample } from "./sample.ts";
import { timeMove, type Job } from "./time-rung.ts";

/** What libuv has, unless a variable says otherwise. */
const BACKGROUND_THREADS = 4;

/** Undefined if the function fails: the serial run will say how. */
export async function sampleOrNone(job: Job): Promise<Sample | undefined> {
  try {
    return await takeSample(job);
  } catch {
    return undefined;
  }
}

/** What a rung is expected to take for all items, and what moving one of them takes there. */
export interface Prediction {
  readonly seconds: number;
  readonly moveSecondsPerItem: number;
}

export class Predictions {
  readonly #job: Job;
  readonly #workers: number;
  readonly #sample: Sample | undefined;

  constructor(job: Job, workers: number, sample: Sample | undefined) {
    this.#job = job;
    this.#workers = workers;
    this.#sample = sample;
  }

  /** For an executor whose workers have started; `undefined` without a sample. Rejects if the sample cannot be moved there. */
  async of(executor: Executor): Promise<Prediction | undefined> {
    const sample = this.#sample;
    if (sample === undefined) return undefined;
    const moveSecondsPerItem = await timeMove(executor, this.#job.count, sample.items, sample.results);
    const cores = { count: availableParallelism(), background: Number(process.env["UV_THREADPOOL_SIZE"] ?? BACKGROUND_THREADS) };
    return { moveSecondsPerItem, seconds: predictSeconds({ items: this.#job.count, sample, moveSecondsPerItem }, lanesOf(executor, this.#workers), cores) };
  }
}

function lanesOf({ kind, maxWorkers }: Executor, workers: number): Lanes {
  const isParallel = kind !== "serial" && kind !== "async";
  return { count: isParallel ? workers : maxWorkers, isParallel, haveOwnMemory: kind === "processes" };
}
