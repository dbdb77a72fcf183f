// Random histories: whatever happens in whatever order, every task is in exactly one place, ends exactly once, no more
// workers run than may, and a pool that is shut down comes to its end.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  assert as assertProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  option,
  property,
  record,
  tuple,
  type Arbitrary,
} from "fast-check";
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
  now = 0;
  timerAt = Infinity;
  isClosed = false;

  constructor(settings: PolicySettings, hasClaims: boolean) {
    this.#settings = settings;
    this.hasClaims = hasClaims;
    this.policy = new PoolPolicy(settings);
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
        this.crew.push({ worker: instruction.worker, runs: [], begun: 0 });
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
        runs[runs.indexOf(instruction.task)] = instruction.ghost;
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
    while (simulated.runs.length > simulated.begun && tasks.length < atMost) tasks.push(simulated.runs.pop() as Task);
    if (tasks.length > 0) this.tell({ type: "tasksTakenBack", worker: simulated.worker, tasks });
  }

  #expire(task: Task): void {
    if (this.takeOut(task)) return this.#end(task, "expired");
    this.abort(task, task.traits.retryLimit > 0);
  }

  /** As `Future.cancel()`: false if the task has begun, or might have. */
  takeOut(task: Task): boolean {
    if (this.ended.has(task) || task.place === "ended") return false;
    if (task.place === "handed") {
      const simulated = this.#of(task.worker as Worker);
      const at = simulated.runs.indexOf(task);
      if (!this.hasClaims || at < simulated.begun) return false;
      simulated.runs.splice(at, 1);
    }
    this.tell({ type: "taskWithdrawn", task });
    return true;
  }

  withdraw(task: Task): void {
    if (this.takeOut(task)) this.#end(task, "cancelled");
  }

  abort(task: Task, mayRetry: boolean): void {
    if (this.ended.has(task) || task.place === "ended") return;
    if (this.takeOut(task)) return this.#end(task, "aborted");
    if (!mayRetry) this.#end(task, "aborted");
    this.tell({ type: "taskAborted", task, mayRetry });
  }

  decide(delayMs: number | undefined): void {
    const task = this.deciding.shift();
    if (task === undefined || task.place !== "deciding") return;
    if (delayMs === undefined) this.#end(task, "failed");
    this.tell({ type: "retryDecided", task, delayMs });
  }

  begin(simulated: Simulated): void {
    if (simulated.begun < simulated.runs.length) simulated.begun += 1;
  }

  /** Answers up to `count` of what has begun, in one message. */
  report(simulated: Simulated, count: number, ok: boolean, ms: number, memory: number): void {
    if (simulated.begun === 0) return;
    for (let answered = 0; answered < count && simulated.begun > 0; answered += 1) {
      const task = simulated.runs.shift() as Task;
      simulated.begun -= 1;
      if (task.ghostOf === undefined && ok) this.#end(task, "done");
      this.tell({ type: "taskFinished", task, ok, durationMs: ms });
    }
    this.tell({ type: "workerReported", worker: simulated.worker, memory });
    this.tell({ type: "turnEnded" });
  }

  exit(simulated: Simulated): void {
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
    if (worker.state === "starting") return this.tell({ type: "workerReady", worker, hasClaims: this.hasClaims });
    if (worker.state === "stopping" || worker.state === "killed") return this.exit(simulated);
    simulated.begun = simulated.runs.length;
    this.report(simulated, Infinity, true, 0.1, 0);
  }
}

type Command = (simulation: Simulation) => void;

function pick<T>(list: readonly T[], at: number): T | undefined {
  return list.length === 0 ? undefined : list[at % list.length];
}

const at = nat(1_000);
const rarely = <T>(arbitrary: Arbitrary<T>) => option(arbitrary, { nil: undefined, freq: 4 });

const traits: Arbitrary<Partial<TaskTraits>> = fc
  .record({
    priority: rarely(constantFrom(-1, 1, 2.5)),
    chunkSize: rarely(integer({ min: 1, max: 5 })),
    retryLimit: rarely(integer({ min: 1, max: 3 })),
    timeout: rarely(integer({ min: 1, max: 50 })),
    queueTimeout: rarely(integer({ min: 1, max: 50 })),
    deadlineAt: rarely(integer({ min: 1, max: 500 })),
    sendOnce: rarely(constant(true)),
  })
  .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));

const command: Arbitrary<Command> = oneof(
  {
    weight: 6,
    arbitrary: tuple(traits, constantFrom("f", "g"), rarely(at)).map(
      ([given, key, parentAt]): Command =>
        (s) => {
          const running = s.crew.flatMap(({ runs, begun }) => runs.slice(0, begun)).filter((task) => task.ghostOf === undefined);
          s.submit(given, key, s.policy.state.settings.isInThread && parentAt !== undefined ? pick(running, parentAt) : undefined);
        },
    ),
  },
  { weight: 4, arbitrary: constant<Command>((s) => s.tell({ type: "turnEnded" })) },
  {
    weight: 4,
    arbitrary: at.map(
      (n): Command =>
        (s) => {
          const worker = pick(
            s.crew.filter((simulated) => simulated.worker.state === "starting"),
            n,
          )?.worker;
          if (worker !== undefined) s.tell({ type: "workerReady", worker, hasClaims: s.hasClaims });
        },
    ),
  },
  {
    weight: 6,
    arbitrary: at.map(
      (n): Command =>
        (s) => {
          const simulated = pick(s.crew, n);
          if (simulated !== undefined) s.begin(simulated);
        },
    ),
  },
  {
    weight: 6,
    arbitrary: tuple(at, integer({ min: 1, max: 5 }), boolean(), constantFrom(0.001, 0.1, 1, 30), constantFrom(0, 0, 0, 2_000)).map(
      ([n, count, ok, ms, memory]): Command =>
        (s) => {
          const simulated = pick(
            s.crew.filter(({ begun }) => begun > 0),
            n,
          );
          if (simulated !== undefined) s.report(simulated, count, ok, ms, memory);
        },
    ),
  },
  {
    weight: 2,
    arbitrary: at.map(
      (n): Command =>
        (s) => {
          const simulated = pick(s.crew, n);
          if (simulated !== undefined) s.exit(simulated);
        },
    ),
  },
  {
    weight: 2,
    arbitrary: at.map(
      (n): Command =>
        (s) => {
          const task = pick(s.submitted, n);
          if (task !== undefined) s.withdraw(task);
        },
    ),
  },
  {
    weight: 2,
    arbitrary: at.map(
      (n): Command =>
        (s) => {
          const task = pick(s.submitted, n);
          if (task !== undefined) s.abort(task, false);
        },
    ),
  },
  {
    weight: 3,
    arbitrary: constantFrom(undefined, 0, 10).map(
      (delayMs): Command =>
        (s) =>
          s.decide(delayMs),
    ),
  },
  {
    weight: 3,
    arbitrary: constantFrom(1, 5, 60, 1_000).map(
      (ms): Command =>
        (s) =>
          s.pass(ms),
    ),
  },
  {
    weight: 1,
    arbitrary: at.map(
      (n): Command =>
        (s) => {
          const worker = pick(s.crew, n)?.worker;
          if (worker === undefined || worker.handed.length === 0) return;
          const simulated = s.crew.find((other) => other.worker === worker) as Simulated;
          const task = simulated.runs.shift() as Task;
          simulated.begun = Math.max(0, simulated.begun - 1);
          void task;
          s.tell({ type: "workerGarbled", worker });
        },
    ),
  },
  {
    weight: 1,
    arbitrary: tuple(boolean(), at).map(
      ([cancelPending, n]): Command =>
        (s) => {
          if (n % 8 === 0) s.tell({ type: "shutdownRequested", cancelPending });
        },
    ),
  },
  {
    weight: 1,
    arbitrary: at.map(
      (n): Command =>
        (s) => {
          if (n % 20 === 0) s.tell({ type: "terminateRequested" });
        },
    ),
  },
);

const settings: Arbitrary<PolicySettings> = record({
  maxWorkers: constantFrom(1, 2, 3, Infinity),
  minWorkers: constantFrom(0, 1),
  idleTimeout: constantFrom(0, 20, Infinity),
  maxQueue: constantFrom(Infinity, 3),
  maxTasksPerWorker: constantFrom(Infinity, Infinity, 1, 3),
  maxMemoryPerWorker: constantFrom(Infinity, 1_000),
  breaksOnDeath: constantFrom(false, false, true),
  abortGrace: constant(30),
  stopGrace: constant(200),
  slots: constantFrom(4, 256),
  isInThread: boolean(),
});

test("PoolPolicy loses no task and settles none twice, whatever happens", () => {
  assertProperty(
    property(settings, boolean(), array(command, { maxLength: 120, size: "max" }), (chosen, hasClaims, commands) => {
      const simulation = new Simulation(chosen, hasClaims);
      for (const run of commands) run(simulation);
      simulation.tell({ type: "shutdownRequested", cancelPending: false });
      simulation.comeToRest();
      assert.ok(simulation.isClosed, "the pool never closed");
      for (const task of simulation.submitted) assert.ok(simulation.ended.has(task), `a task was forgotten: ${task.place}`);
    }),
    { numRuns: 1_000 },
  );
});
