// A pool whose tasks take as long as each shape of durations says, on workers that are driven by a clock of the test's
// own: how large its messages are, and which workers are idle while another has tasks that it has not begun.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tasksOf } from "#dure/protocol/columns.js";
import type { WireTask } from "#dure/protocol/messages.js";
import { Stage, turn, work } from "./scripted-host.ts";
import type { ScriptedWorker } from "./scripted-host.ts";

const TASKS = 3_000;
const WORKERS = 4;
/** Tasks after which cyclic durations come again. */
const PERIOD = 500;
/** Messages to each worker until the pool knows the tasks. */
const FIRST_MESSAGES = 5;
/** What a batch is meant to take, in milliseconds (policy/batching.ts). */
const BATCH_MS = 1;
/** While more than so many batches wait for each worker, a batch is one part in so many of what waits. */
const QUEUE_PARTS = 32;
/** About what all shapes have in the mean, in milliseconds. */
const MEAN_MS = 0.2;

/** The same numbers in each run, evenly spread from 0 to 1. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = createRandom(42);
const numbers = Array.from({ length: TASKS }, (_, n) => n);

const cyclic = numbers.map((n) => 0.2 * (1 - 0.9 * Math.cos((2 * Math.PI * n) / PERIOD)));

/** A shape of durations, and what is asked of a pool that meets it. */
interface Shape {
  /** Milliseconds of each task. */
  readonly durations: readonly number[];
  /** How often the sizes of messages to one worker may turn. */
  readonly turns: number;
  /** The milliseconds that one message may take at most, as a multiple of what it is meant to. */
  readonly longest: number;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  "high variance": { durations: numbers.map(() => -0.2 * Math.log(1 - random())), turns: 10, longest: 5 },
  "low variance": { durations: numbers.map(() => 0.19 + 0.02 * random()), turns: 0, longest: 1.1 },
  // From 0.02 to 0.38: each period they grow once and shrink once.
  cyclic: { durations: cyclic, turns: (2 * TASKS) / PERIOD, longest: 20 },
  shuffled: {
    durations: cyclic
      .map((ms) => [random(), ms] as const)
      .sort(([a], [b]) => a - b)
      .map(([, ms]) => ms),
    turns: 0,
    longest: 2.5,
  },
};

/** What a run over a shape came to. */
interface Course {
  /** Of each worker, and each message to it: how many tasks, and the milliseconds that they take, as a multiple of what they are meant to. */
  readonly batches: { readonly size: number; readonly load: number }[][];
  /** The time of all. */
  readonly elapsed: number;
  /** For how long a worker was idle while another had tasks that it had not begun: the longest such time. */
  readonly longestWait: number;
}

class Simulation {
  readonly #stage = new Stage({ maxWorkers: WORKERS });
  readonly #durations: readonly number[];
  readonly #busy = new Set<ScriptedWorker>();
  /** Since when a worker waits in vain. */
  readonly #waiting = new Map<ScriptedWorker, number>();
  #longestWait = 0;
  #begun = 0;
  #done = 0;

  constructor(durations: readonly number[]) {
    this.#durations = durations;
  }

  async run(): Promise<Course> {
    const { clock, pool, host } = this.#stage;
    const futures = this.#durations.map((_, n) => pool.submit(work, [n], {}));
    await turn();
    for (const worker of host.workers) worker.ready();
    const start = clock.now();
    while (this.#done < futures.length) {
      this.#look();
      await clock.pass(0.01);
    }
    const elapsed = clock.now() - start;
    await pool.terminate();
    return { batches: this.#batches(), elapsed, longestWait: this.#longestWait };
  }

  /** Workers that have nothing to do begin what they were given. */
  #look(): void {
    const { workers } = this.#stage.host;
    for (const worker of workers) if (!this.#busy.has(worker)) this.#begin(worker);
    for (const worker of workers) this.#note(worker, this.#begun < this.#durations.length && !this.#busy.has(worker));
  }

  #begin(worker: ScriptedWorker): void {
    const task = takeNext(worker);
    if (task === undefined) return;
    this.#begun += 1;
    const ms = this.#durationOf(task);
    this.#busy.add(worker);
    this.#stage.clock.setTimer(ms, () => {
      this.#busy.delete(worker);
      this.#done += 1;
      worker.finish(task, undefined, ms);
      this.#begin(worker);
    });
  }

  #durationOf([, , , args]: WireTask): number {
    return this.#durations[(args as [number])[0]] as number;
  }

  #note(worker: ScriptedWorker, waits: boolean): void {
    const now = this.#stage.clock.now();
    const since = this.#waiting.get(worker);
    if (!waits) this.#waiting.delete(worker);
    else if (since === undefined) this.#waiting.set(worker, now);
    else this.#longestWait = Math.max(this.#longestWait, now - since);
  }

  #batches(): Course["batches"] {
    return this.#stage.host.workers.map(({ runs }) =>
      runs.map((run) => tasksOf(run.tasks)).map((tasks) => ({ size: tasks.length, load: this.#msOf(tasks) / meantFor(tasks[0] as WireTask) })),
    );
  }

  #msOf(tasks: readonly WireTask[]): number {
    return tasks.reduce((sum, task) => sum + this.#durationOf(task), 0);
  }
}

/** What a batch that begins with this task is meant to take, in milliseconds. */
function meantFor([, , , args]: WireTask): number {
  const queued = TASKS - (args as [number])[0];
  return Math.max(BATCH_MS, (queued * MEAN_MS) / (WORKERS * QUEUE_PARTS));
}

/** The next task that was not taken back. */
function takeNext({ waiting, far }: ScriptedWorker): WireTask | undefined {
  for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) if (far?.begin(task[1]) === true) return task;
  return undefined;
}

/** How often the sizes turn between growing and shrinking, where only what changes by a factor of 4 counts. */
function countTurns(sizes: readonly number[]): number {
  let [lowest, highest, turns] = [Infinity, 0, 0];
  let grows: boolean | undefined;
  for (const size of sizes) {
    [lowest, highest] = [Math.min(lowest, size), Math.max(highest, size)];
    const [hasGrown, hasShrunk] = [size >= 4 * lowest, 4 * size <= highest];
    if (!hasGrown && !hasShrunk) continue;
    if (grows !== undefined && grows !== hasGrown) turns += 1;
    grows = hasGrown;
    [lowest, highest] = [size, size];
  }
  return turns;
}

for (const [shape, { durations, turns, longest }] of Object.entries(SHAPES)) {
  test(`Pool keeps all workers busy and its messages of one size over tasks of durations: ${shape}`, async () => {
    const course = await new Simulation(durations).run();
    const total = durations.reduce((sum, ms) => sum + ms, 0);
    assert.ok(course.elapsed < 1.03 * (total / WORKERS), `${course.elapsed} ms instead of ${total / WORKERS}`);
    assert.ok(course.longestWait < BATCH_MS / 2, `a worker waited for ${course.longestWait} ms`);
    const known = course.batches.map((batches) => batches.slice(FIRST_MESSAGES));
    for (const batches of known) assert.ok(countTurns(batches.map(({ size }) => size)) <= turns, batches.map(({ size }) => size).join(" "));
    const loads = known.flat().map(({ load }) => load);
    assert.ok(Math.max(...loads) < longest, `a message of ${Math.max(...loads)} times what is meant`);
    const mean = loads.reduce((sum, load) => sum + load, 0) / loads.length;
    assert.ok(mean > 0.5 && mean < 2, `messages of ${mean} times what is meant`);
  });
}
