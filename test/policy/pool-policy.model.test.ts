// Random histories: whatever happens in whatever order, every task is in exactly one place, ends exactly once, no more
// workers run than may, and a pool that is shut down comes to its end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as assertProperty, boolean, constant, constantFrom, integer, nat, option, property, record, type Arbitrary } from "fast-check";
import type { PoolEvent } from "#dure/policy/events.js";
import type { PoolInstruction } from "#dure/policy/instructions.js";
import { findContradiction } from "#dure/policy/invariants.js";
import { PoolPolicy } from "#dure/policy/pool-policy.js";
import type { PolicySettings } from "#dure/policy/pool-state.js";
import { PLAIN_TRAITS, Task, type TaskTraits } from "#dure/policy/task.js";
import type { Worker } from "#dure/policy/worker.js";

/** A worker as the pool sees it: what it was sent and has not answered, of which the first `begun` have begun. */
interface Simulated {
  readonly worker: Worker;
  readonly runs: Task[];
  begun: number;
  /** Whether the last of them never ends. */
  isStuck: boolean;
}

/** Carries out instructions as a pool would, with workers that do what the history says. */
class Simulation {
  readonly policy: PoolPolicy;
  readonly #settings: PolicySettings;
  readonly hasClaims: boolean;
  readonly crew: Simulated[] = [];
  readonly submitted: Task[] = [];
  readonly ended = new Map<Task, string>();
  readonly deciding: Task[] = [];
  readonly #events: PoolEvent[] = [];
  #isTelling = false;
  /** Where the task was that is being taken back. */
  #takenFrom = 0;
  now = 0;
  timerAt = Infinity;
  isClosed = false;

  constructor(settings: PolicySettings, hasClaims: boolean) {
    this.#settings = settings;
    this.hasClaims = hasClaims;
    this.policy = new PoolPolicy(settings);
  }

  those(state: Worker["state"]): Simulated[] {
    return this.crew.filter(({ worker }) => worker.state === state);
  }

  /** Those with something to begin. */
  given(): Simulated[] {
    return this.crew.filter(({ runs, begun }) => begun < runs.length);
  }

  atWork(): Simulated[] {
    return this.crew.filter(({ begun }) => begun > 0);
  }

  ready(simulated: Simulated | undefined): void {
    if (simulated !== undefined) this.tell({ type: "workerReady", worker: simulated.worker, hasClaims: this.hasClaims });
  }

  /** From inside a task that runs. */
  submitInside(n: number, traits: Partial<TaskTraits>): void {
    const parent = pick(this.atWork(), n)?.runs[0];
    if (this.#settings.isInThread && parent !== undefined && parent.ghostOf === undefined) this.submit(traits, "f", parent);
  }

  submit(traits: Partial<TaskTraits>, key: string, parent: Task | undefined): void {
    if (this.policy.admission !== "admitted") return;
    const task = new Task(this.policy.runTimeOf(key), { ...PLAIN_TRAITS, ...traits });
    this.submitted.push(task);
    this.tell({ type: "taskSubmitted", task, parent });
  }

  tell(event: PoolEvent): void {
    this.#events.push(event);
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      for (const instruction of this.policy.handle(next, this.now)) this.#carryOut(instruction);
      if (next.type !== "taskFinished") assert.equal(findContradiction(this.policy.state), undefined, `after ${next.type}`);
    }
    this.#isTelling = false;
    if (!this.#settings.isInThread) assert.ok(this.policy.state.busy <= this.#settings.maxWorkers);
  }

  #carryOut(instruction: PoolInstruction): void {
    switch (instruction.type) {
      case "startWorker":
        this.crew.push({ worker: instruction.worker, runs: [], begun: 0, isStuck: false });
        return;
      case "dispatch":
        assert.equal(instruction.worker.state, "ready");
        for (const task of instruction.tasks) assert.ok(!this.ended.has(task), "an ended task was sent");
        this.#of(instruction.worker).runs.push(...instruction.tasks);
        return;
      case "takeBack":
        return this.#takeBack(this.#of(instruction.worker), instruction.atMost);
      case "leaveGhost": {
        const { runs } = this.#of(instruction.worker);
        const place = runs.indexOf(instruction.task);
        // One that was just taken back from a worker that loads its module.
        if (place < 0) runs.splice(this.#takenFrom, 0, instruction.ghost);
        else runs[place] = instruction.ghost;
        return;
      }
      case "failTask":
      case "cancelTask":
        return this.#end(instruction.task, instruction.type);
      case "considerRetry":
        this.deciding.push(instruction.task);
        return;
      case "expireTask":
        return this.#expire(instruction.task);
      case "lookAtTask":
        return this.#lookAt(instruction.task);
      case "setTimer":
        this.timerAt = instruction.at;
        return;
      case "clearTimer":
        this.timerAt = Infinity;
        return;
      case "finishShutdown":
        assert.ok(!this.isClosed, "closed twice");
        this.isClosed = true;
        return;
      default:
    }
  }

  #of(worker: Worker): Simulated {
    return this.crew.find((simulated) => simulated.worker === worker) as Simulated;
  }

  #end(task: Task, how: string): void {
    assert.ok(!this.ended.has(task), `a task that ${this.ended.get(task)} now ${how}`);
    this.ended.set(task, how);
  }

  #takeBack(simulated: Simulated, atMost: number): void {
    const tasks: Task[] = [];
    for (let place = simulated.runs.length - 1; place >= simulated.begun && tasks.length < atMost; place -= 1) {
      if (simulated.runs[place]?.ghostOf === undefined) tasks.push(...simulated.runs.splice(place, 1));
    }
    if (tasks.length > 0) this.tell({ type: "tasksTakenBack", worker: simulated.worker, tasks });
  }

  #lookAt(task: Task): void {
    const simulated = task.worker === undefined ? undefined : this.#of(task.worker);
    const hasBegun = simulated !== undefined && simulated.runs.indexOf(task) < simulated.begun;
    this.tell({ type: "taskLookedAt", task, hasBegun });
  }

  #expire(task: Task): void {
    if (this.takeOut(task)) return this.#end(task, "expired");
    this.abort(task, task.traits.retryLimit > 0);
  }

  /** As `Future.cancel()`: false if the task has begun, or might have. */
  takeOut(task: Task): boolean {
    if (this.ended.has(task) || task.place === "ended") return false;
    const takenBack = task.place === "handed";
    if (takenBack) {
      const simulated = this.#of(task.worker as Worker);
      const place = simulated.runs.indexOf(task);
      if (!this.hasClaims || place < simulated.begun) return false;
      simulated.runs.splice(place, 1);
      this.#takenFrom = place;
    }
    this.tell({ type: "taskWithdrawn", task, takenBack });
    return true;
  }

  withdraw(task: Task | undefined): void {
    if (task !== undefined && this.takeOut(task)) this.#end(task, "cancelled");
  }

  abort(task: Task | undefined, mayRetry: boolean): void {
    if (task === undefined || this.ended.has(task) || task.place === "ended") return;
    if (this.takeOut(task)) return this.#end(task, "aborted");
    if (!mayRetry) this.#end(task, "aborted");
    this.tell({ type: "taskAborted", task, mayRetry, hasPassed: this.#hasPassed(task) });
  }

  /** Without claims nobody can tell. */
  #hasPassed(task: Task): boolean {
    if (task.worker === undefined || !this.hasClaims) return false;
    const { runs, begun } = this.#of(task.worker);
    return runs.indexOf(task) < begun - 1;
  }

  /** What it runs never ends by itself. What it ran before has ended, and that is not told before it goes on. */
  stick(simulated: Simulated | undefined, isAborted: boolean): void {
    if (simulated === undefined || this.#settings.isInThread) return;
    simulated.isStuck = this.hasClaims || simulated.begun === 1;
    const task = running(simulated);
    if (isAborted && task?.ghostOf === undefined) this.abort(task, false);
  }

  decide(delayMs: number | undefined): void {
    const task = this.deciding.shift();
    if (task === undefined || task.place !== "deciding") return;
    if (delayMs === undefined) this.#end(task, "failed");
    this.tell({ type: "retryDecided", task, delayMs });
  }

  begin(simulated: Simulated | undefined): void {
    if (simulated === undefined) return;
    if (simulated.begun < simulated.runs.length && !simulated.isStuck) simulated.begun += 1;
  }

  /** Answers up to `count` of what has begun, in one message. */
  report(simulated: Simulated | undefined, count: number, ok: boolean, ms: number, memory: number): void {
    if (simulated === undefined || simulated.begun === 0 || simulated.isStuck) return;
    for (let answered = 0; answered < count && simulated.begun > 0; answered += 1) {
      const task = simulated.runs.shift() as Task;
      simulated.begun -= 1;
      if (task.ghostOf === undefined && ok) this.#end(task, "done");
      this.tell({ type: "taskFinished", task, ok, durationMs: ms });
    }
    this.tell({ type: "workerReported", worker: simulated.worker, memory });
    this.tell({ type: "turnEnded" });
  }

  /** A message that answers its first task cannot be read. */
  garble(simulated: Simulated | undefined): void {
    if (simulated === undefined || simulated.isStuck) return;
    const task = simulated.runs.shift();
    simulated.begun -= 1;
    this.tell({ type: "workerGarbled", worker: simulated.worker, task });
  }

  exit(simulated: Simulated | undefined): void {
    if (simulated === undefined) return;
    this.crew.splice(this.crew.indexOf(simulated), 1);
    const begun = this.hasClaims ? simulated.begun : Math.min(1, simulated.runs.length);
    this.tell({ type: "workerExited", worker: simulated.worker, begun });
  }

  pass(ms: number): void {
    this.now += ms;
    if (this.now >= this.timerAt) this.tell({ type: "timePassed" });
  }

  /** Everybody does what is due until nothing is left to do. */
  comeToRest(): void {
    for (let step = 0; step < 2_000 && !this.isClosed; step += 1) {
      while (this.deciding.length > 0) this.decide(undefined);
      for (const simulated of [...this.crew]) this.#work(simulated);
      this.tell({ type: "turnEnded" });
      if (this.timerAt !== Infinity) this.pass(Math.max(0, Math.min(this.timerAt - this.now, 1_000)));
    }
  }

  #work(simulated: Simulated): void {
    const { worker } = simulated;
    if (worker.state === "starting") return this.ready(simulated);
    if (worker.state === "stopping" || worker.state === "killed") return this.exit(simulated);
    // Only a kill ends it, and if nobody waits for what it runs there must be one.
    if (simulated.isStuck && running(simulated)?.ghostOf !== undefined) return;
    simulated.isStuck = false;
    simulated.begun = simulated.runs.length;
    this.report(simulated, Infinity, true, 0.1, 0);
  }
}

function times(count: number, happen: () => void): void {
  for (let time = 0; time < count; time += 1) happen();
}

/** The last that has begun. */
function running(simulated: Simulated | undefined): Task | undefined {
  return simulated?.runs[simulated.begun - 1];
}

function pick<T>(list: readonly T[], n: number): T | undefined {
  return list.length === 0 ? undefined : list[n % list.length];
}

/** What can happen, each with how often; `n` chooses to whom and how. */
const HAPPENINGS: Record<string, readonly [weight: number, happen: (s: Simulation, n: number, given: Partial<TaskTraits>) => void]> = {
  submit: [6, (s, n, given) => times(1 + (n % 5), () => s.submit(given, n % 3 > 0 ? "f" : "g", undefined))],
  submitInside: [1, (s, n, given) => s.submitInside(n, given)],
  turn: [6, (s) => s.tell({ type: "turnEnded" })],
  ready: [4, (s, n) => s.ready(pick(s.those("starting"), n))],
  begin: [6, (s, n) => times(1 + (n % 3), () => s.begin(pick(s.given(), n)))],
  report: [4, (s, n) => s.report(pick(s.atWork(), n), 1 + (n % 4), n % 3 > 0, [0.001, 0.1, 1, 30][n % 4] as number, n % 7 === 0 ? 2_000 : 0)],
  // Rarely: a pool whose workers die as they start breaks, and does nothing more.
  exit: [1, (s, n) => (n % 4 === 0 ? s.exit(pick(s.crew, n)) : undefined)],
  exitAtWork: [1, (s, n) => s.exit(pick(s.atWork(), n))],
  stick: [3, (s, n) => s.stick(pick(s.atWork(), n), n % 2 === 0)],
  garble: [1, (s, n) => s.garble(pick(s.atWork(), n))],
  withdraw: [2, (s, n) => s.withdraw(pick(s.submitted, n))],
  abort: [2, (s, n) => s.abort(pick(s.submitted, n), false)],
  decide: [3, (s, n) => s.decide([undefined, 0, 10][n % 3])],
  pass: [3, (s, n) => s.pass([1, 5, 60, 1_000][n % 4] as number)],
  shutdown: [1, (s, n) => (n % 8 === 0 ? s.tell({ type: "shutdownRequested", cancelPending: n % 16 === 0 }) : undefined)],
  terminate: [1, (s, n) => (n % 20 === 0 ? s.tell({ type: "terminateRequested" }) : undefined)],
};

const rarely = <T>(arbitrary: Arbitrary<T>) => option(arbitrary, { nil: undefined, freq: 4 });

const traits: Arbitrary<Partial<TaskTraits>> = record({
  priority: rarely(constantFrom(-1, 1, 2.5)),
  chunkSize: rarely(integer({ min: 1, max: 5 })),
  retryLimit: rarely(integer({ min: 1, max: 3 })),
  timeout: rarely(integer({ min: 1, max: 50 })),
  queueTimeout: rarely(integer({ min: 1, max: 50 })),
  deadlineAt: rarely(integer({ min: 1, max: 500 })),
  sendOnce: rarely(constant(true)),
}).map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));

const names = Object.entries(HAPPENINGS).flatMap(([name, [weight]]) => Array.from({ length: weight }, () => name));
const happening = record({ name: constantFrom(...names), n: nat(1_000), given: traits });

const settings: Arbitrary<PolicySettings> = record({
  maxWorkers: constantFrom(1, 2, 3, Infinity),
  minWorkers: constantFrom(0, 1),
  idleTimeout: constantFrom(0, 20, Infinity),
  maxQueue: constantFrom(Infinity, 3),
  maxTasksPerWorker: constantFrom(Infinity, Infinity, 1, 3),
  maxMemoryPerWorker: constantFrom(Infinity, 1_000),
  breaksOnDeath: constantFrom(false, false, false, true),
  abortGrace: constant(30),
  stopGrace: constant(200),
  slots: constantFrom(4, 256),
  isInThread: boolean(),
});

test("PoolPolicy loses no task and settles none twice, whatever happens", () => {
  assertProperty(
    property(settings, boolean(), array(happening, { maxLength: 120, size: "max" }), (chosen, hasClaims, history) => {
      const simulation = new Simulation(chosen, hasClaims);
      for (const { name, n, given } of history) HAPPENINGS[name]?.[1](simulation, n, given);
      simulation.tell({ type: "shutdownRequested", cancelPending: false });
      simulation.comeToRest();
      assert.ok(simulation.isClosed, "the pool never closed");
      for (const task of simulation.submitted) assert.ok(simulation.ended.has(task), `a task was forgotten: ${task.place}`);
    }),
    { numRuns: 1_000 },
  );
});
