// Random histories of a whole pool, with workers and a clock that do what the history says: every future settles, with
// what belongs to it and for a reason that there was, and nothing keeps the program alive afterwards.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { array, assert as assertProperty, asyncProperty, boolean, constantFrom, nat, record, type Arbitrary } from "fast-check";
import type { Future } from "#dure/contract/future.js";
import type { TaskOptions } from "#dure/contract/options.js";
import { columnsOfOutcomes } from "#dure/protocol/columns.js";
import type { WireOutcome, WireTask } from "#dure/protocol/messages.js";
import { OutcomeNotes } from "#dure/transport/outcome-notes.js";
import { isLongForm, SEED } from "../chaos.ts";
import { Stage, turn, work, type ScriptedCrossing, type ScriptedWorker } from "./scripted-host.ts";

const RUNS = isLongForm ? 50_000 : 300;
/** Of the history, of what ends in the same turn, and of rest. */
const STEPS = 500;

let steps = 0;
after(() => console.log(`${steps} steps were driven`));

/** The far side of a worker: begins one task after another, holds its outcomes back, and has its messages on their way, for as long as the history says. */
class Driven {
  readonly worker: ScriptedWorker;
  readonly #stored: ScriptedCrossing["stored"];
  isReady = false;
  running: WireTask | undefined;
  readonly outcomes: WireOutcome[] = [];
  readonly #onTheWay: WireOutcome[][] = [];
  readonly #notes = new OutcomeNotes();
  #isUnnoted = false;

  constructor(worker: ScriptedWorker, stored: ScriptedCrossing["stored"]) {
    this.worker = worker;
    this.#stored = stored;
  }

  get isGone(): boolean {
    return this.worker.isGone;
  }

  /** Ready, with nothing to do or to say. */
  get isIdle(): boolean {
    return this.isReady && this.running === undefined && this.outcomes.length === 0 && this.#onTheWay.length === 0 && this.worker.waiting.length === 0;
  }

  ready(): void {
    if (this.isReady || this.isGone) return;
    this.isReady = true;
    this.worker.ready();
  }

  /** What was taken back is passed, which has an outcome too. */
  begin(): void {
    if (!this.isReady || this.running !== undefined) return;
    // Without control words each outcome leaves before the next task begins.
    if (this.worker.far === undefined) this.report();
    for (let task = this.worker.waiting.shift(); task !== undefined; task = this.worker.waiting.shift()) {
      if (task[1] < 0 || this.worker.far?.begin(task[1], this.#takeNote()) !== false) return this.#run(task);
      this.outcomes.push([task[0], false, undefined, false, 0]);
    }
  }

  /** Of the latest outcome, if it is held back: each is noted with what begins next. */
  #takeNote(): Uint8Array | undefined {
    const latest = this.#isUnnoted ? this.outcomes.findLast(([, ok, value]) => ok || value !== undefined) : undefined;
    return latest && this.#notes.encode(latest);
  }

  #run(task: WireTask): void {
    this.#isUnnoted = false;
    this.running = task;
    assert.ok(this.#stored.get(numberOf(task))!.holders > 0 || this.isGone, "the arguments of a task that begins are gone");
  }

  end(ok: boolean, ms: number): void {
    if (this.running === undefined) return;
    const [id] = this.running;
    const number = numberOf(this.running);
    this.outcomes.push([id, ok, ok ? number : new Error(`${number}`), false, ms]);
    this.running = undefined;
    this.#isUnnoted = true;
  }

  report(): void {
    this.send();
    this.arrive();
  }

  send(): void {
    if (this.outcomes.length > 0) this.#onTheWay.push(this.outcomes.splice(0));
    this.#isUnnoted = false;
  }

  arrive(): void {
    for (const outcomes of this.#onTheWay.splice(0)) if (!this.isGone) this.worker.say({ type: "finished", outcomes: columnsOfOutcomes(outcomes) });
  }

  /** What was sent before arrives before. */
  exit(): void {
    this.arrive();
    this.worker.exit();
  }

  /** It is values that cannot be read: a message about nothing but tasks that were taken back has none. */
  garble(): void {
    if (!this.outcomes.some(([, ok, value]) => ok || value !== undefined)) return;
    this.arrive();
    this.outcomes.length = 0;
    this.#isUnnoted = false;
    if (!this.isGone) this.worker.garble(new Error("garbled"));
  }
}

function numberOf([, , , args]: WireTask): number {
  return (args as [number])[0];
}

class Play {
  readonly stage: Stage;
  readonly controllers: AbortController[] = [];
  readonly futures: Future<unknown>[] = [];
  /** Tasks that the pool never took in. */
  refused = 0;
  readonly #driven = new Map<ScriptedWorker, Driven>();

  constructor(stage: Stage) {
    this.stage = stage;
  }

  get crew(): Driven[] {
    for (const worker of this.stage.host.workers) if (!this.#driven.has(worker)) this.#driven.set(worker, new Driven(worker, this.stage.crossing.stored));
    return [...this.#driven.values()].filter(({ isGone }) => !isGone);
  }

  submit(options: TaskOptions, n: number): void {
    const number = this.futures.length;
    const controller = new AbortController();
    this.controllers.push(controller);
    // The retry options are the caller's code, which may do anything.
    const on = (): boolean => (this.meddle(n), n % 5 > 0);
    const retries = options.retries === undefined ? undefined : { limit: options.retries as number, backoff: n % 3, on };
    const future = this.stage.pool.submit(work, n % 40 === 39 ? ["uncrossable"] : [number], {
      ...options,
      retries,
      signal: controller.signal,
      label: n % 25 === 24 ? "heavy" : "light",
    });
    void future.catch(() => {});
    if (future.state === "failed") this.refused += 1;
    if (n % 9 === 0) future.addDoneCallback(() => this.meddle(n));
    this.futures.push(future);
  }

  meddle(n: number): void {
    if (this.futures.length > 300) return;
    if (n % 6 === 0) this.submit({}, n + 1);
    if (n % 7 === 0) this.futures.at(-1 - (n % 5))?.cancel();
    if (n % 8 === 0) this.controllers.at(-1 - (n % 5))?.abort(new Error("meddled"));
    if (n % 211 === 0) void this.stage.pool.shutdown({ cancelPending: n % 2 === 0 });
  }

  async comeToRest(isAtRest: () => boolean): Promise<void> {
    for (let step = 0; step < STEPS && !isAtRest(); step += 1) {
      for (const driven of this.crew) {
        driven.ready();
        driven.begin();
        driven.end(true, 0.1);
        driven.report();
      }
      await turn();
      const next = Math.min(...[...this.stage.clock.timers].map(({ at }) => at));
      if (next !== Infinity) await this.stage.clock.pass(Math.max(0, next - this.stage.clock.now()));
    }
    assert.ok(isAtRest(), `it never came to rest: ${JSON.stringify(this.stage.pool.stats())}`);
  }

  /** Each has its own value, or its own error, or one that says what became of it. */
  async checkOutcomes(): Promise<void> {
    const outcomes = await Promise.allSettled(this.futures);
    for (const [number, outcome] of outcomes.entries()) {
      if (outcome.status === "fulfilled") assert.equal(outcome.value, number, "a future has the value of another");
      else if (outcome.reason instanceof Error && /^\d+$/.test(outcome.reason.message))
        assert.equal(outcome.reason.message, `${number}`, "a future has the error of another");
      else assert.match(String(outcome.reason), REASONS);
    }
    const { completed, failed, cancelled, queued, running } = this.stage.pool.stats();
    assert.deepEqual(
      [completed + failed + cancelled + this.refused, queued, running],
      [this.futures.length, 0, 0],
      "futures that were counted, tasks that are left",
    );
  }
}

const REASONS =
  /^(CancelledError|TimeoutError|WorkerLostError|BrokenExecutorError|ExecutorShutdownError|QueueFullError|SerializationError|Error: (aborted|meddled|The outcome of)|TypeError: the value cannot cross)/;

function pick<T>(list: readonly T[], n: number): T | undefined {
  return list.length === 0 ? undefined : list[n % list.length];
}

/** Short tasks, whose outcomes are held back. */
function workOn(driven: Driven | undefined, count: number): void {
  for (let done = 0; done < count; done += 1) {
    driven?.begin();
    driven?.end(true, 0.001);
  }
}

interface Happening {
  readonly name: string;
  readonly n: number;
  readonly options: TaskOptions;
}

const HAPPENINGS: Record<string, readonly [weight: number, happen: (play: Play, n: number, options: TaskOptions) => unknown]> = {
  submit: [6, (play, n, options) => play.submit(options, n)],
  submitMany: [1, (play, n, options) => Array.from({ length: n % 20 }, () => play.submit(options, n))],
  turn: [5, () => turn()],
  ready: [4, (play, n) => pick(play.crew, n)?.ready()],
  begin: [8, (play, n) => pick(play.crew, n)?.begin()],
  end: [8, (play, n) => pick(play.crew, n)?.end(n % 3 > 0, [0.001, 0.1, 5][n % 3] as number)],
  work: [6, (play, n) => workOn(pick(play.crew, n), 1 + (n % 4))],
  report: [5, (play, n) => pick(play.crew, n)?.report()],
  send: [3, (play, n) => pick(play.crew, n)?.send()],
  exit: [2, (play, n) => pick(play.crew, n)?.exit()],
  garble: [2, (play, n) => pick(play.crew, n)?.garble()],
  cancel: [2, (play, n) => play.futures.at(-1 - (n % 10))?.cancel()],
  abort: [2, (play, n) => play.controllers.at(-1 - (n % 10))?.abort(new Error("aborted"))],
  pass: [3, (play, n) => play.stage.clock.pass([1, 20, 300][n % 3] as number)],
  shutdown: [1, (play, n) => (n % 9 === 0 ? void play.stage.pool.shutdown({ cancelPending: n % 2 === 0 }) : undefined)],
  terminate: [1, (play, n) => (n % 19 === 0 ? void play.stage.pool.terminate() : undefined)],
};

const names = Object.entries(HAPPENINGS).flatMap(([name, [weight]]) => Array.from({ length: weight }, () => name));
const limit = constantFrom(undefined, undefined, undefined, 2, 30);
const options: Arbitrary<TaskOptions> = record({
  timeout: limit,
  queueTimeout: limit,
  deadline: limit,
  retries: constantFrom(undefined, undefined, 1, 4),
  priority: constantFrom(undefined, undefined, 1, -1),
});
const histories: Arbitrary<Happening[]> = array(record({ name: constantFrom(...names), n: nat(10_000), options }), { maxLength: 80, size: "max" });
const settings = record({
  maxWorkers: constantFrom(1, 2, 3),
  minWorkers: constantFrom(0, 1),
  idleTimeout: constantFrom(0, 50, Infinity),
  maxTasksPerWorker: constantFrom(Infinity, 2),
  maxQueue: constantFrom(Infinity, 3),
  onWorkerDeath: constantFrom("replace" as const, "replace" as const, "break" as const),
});

test(`Pool settles every future with what belongs to it, whatever happens (seed ${SEED})`, async () => {
  await assertProperty(
    asyncProperty(settings, boolean(), histories, async (chosen, hasClaims, history) => {
      const stage = new Stage({ ...chosen, initializer: undefined }, { hasClaims });
      stage.crossing.storesValues = true;
      const play = new Play(stage);
      for (const { name, n, options: given } of history) {
        for (const { worker } of play.crew) worker.unsendable = "heavy";
        await HAPPENINGS[name]?.[1](play, n, given);
      }
      await play.comeToRest(() => play.futures.every((future) => future.done()) && play.crew.every((driven) => driven.isIdle));
      await turn();
      for (const { worker } of play.crew) assert.ok(!worker.isHeld, "a worker of an idle pool keeps the program alive");
      assert.ok(
        [...stage.clock.timers].every(({ isHeld }) => !isHeld),
        "a timer of an idle pool keeps the program alive",
      );
      let isClosed = false;
      void stage.pool.shutdown().then(() => (isClosed = true));
      await play.comeToRest(() => isClosed);
      await play.checkOutcomes();
      assert.equal(play.crew.length, 0, "a worker is left");
      for (const { holders } of stage.crossing.stored.values()) assert.equal(holders, 0, "a value stays in shared memory for ever");
      steps += history.length;
    }),
    { seed: SEED, numRuns: RUNS },
  );
});
