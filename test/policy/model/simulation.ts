// Carries out policy's instructions as a pool would, with workers that do what a history says, and checks after each
// event that nothing is wrong with what policy knows and with what it asks for.

import assert from "node:assert/strict";
import type { PoolEvent } from "#dure/policy/events.js";
import type { LimitKind, PoolInstruction } from "#dure/policy/instructions.js";
import { findContradiction } from "#dure/policy/invariants.js";
import { findOmission, findOversight } from "#dure/policy/omissions.js";
import { PoolPolicy } from "#dure/policy/pool-policy.js";
import type { PolicySettings } from "#dure/policy/pool-state.js";
import { Task, type TaskTraits } from "#dure/policy/task.js";
import type { Worker } from "#dure/policy/worker.js";

/** A worker as the pool sees it: what it was sent and has not answered, of which the first `begun` have begun. */
export interface Simulated {
  readonly worker: Worker;
  readonly runs: Task[];
  begun: number;
  /** Tasks that it was sent and has not given back. */
  given: number;
  /** Those of its runs that have ended, and of whose outcome nobody will hear. */
  readonly unheard: Set<Task>;
  /** Whether it ends when it has nothing left to do. */
  isAskedToEnd: boolean;
  /** Whether the last that it has begun never ends. */
  isStuck: boolean;
  /** Whether policy believes that it runs an aborted task that it never had. */
  isDoubtful: boolean;
}

/** What is known of a task from outside. */
interface Fate {
  /** Its place among the submitted ones. */
  readonly number: number;
  readonly canBeSent: boolean;
  /** How often a worker has begun it. */
  begun: number;
  /** Workers that died running it. */
  kills: number;
  begunAt: number;
  readonly submittedAt: number;
  wasSent: boolean;
  /** Whether it came back from a worker that had not begun it. */
  isReturned: boolean;
  end: string | undefined;
}

export class Simulation {
  readonly policy: PoolPolicy;
  readonly settings: PolicySettings;
  readonly hasClaims: boolean;
  readonly crew: Simulated[] = [];
  readonly submitted: Task[] = [];
  #open = 0;
  /** Workers that came to nothing since one last did a task. */
  #setbacks = 0;
  /** After so many the pool may give up. */
  #mostSetbacks = 5;
  #isBroken = false;
  /** Where tasks were that were taken back for good. */
  readonly #taken = new Map<Task, number>();
  /** What the caller does when it is asked for a retry. */
  readonly interjections: (() => void)[] = [];
  readonly #fates = new Map<Task, Fate>();
  readonly #deciding: Task[] = [];
  readonly #events: PoolEvent[] = [];
  #isTelling = false;
  #isExpecting = false;
  #isTurnDue = false;
  /** Between the events of one message with outcomes. */
  #isReporting = false;
  /** Events that policy was told. */
  events = 0;
  started = 0;
  now = 0;
  timerAt = Infinity;
  isClosed = false;

  constructor(settings: PolicySettings, hasClaims: boolean) {
    this.settings = settings;
    this.hasClaims = hasClaims;
    this.policy = new PoolPolicy(settings);
  }

  // ---- who is there

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

  isOpen(task: Task): boolean {
    return this.#fateOf(task).end === undefined;
  }

  /** Tasks that have not ended. */
  get open(): number {
    return this.#open;
  }

  #of(worker: Worker): Simulated {
    return this.crew.find((simulated) => simulated.worker === worker) as Simulated;
  }

  #fateOf(task: Task): Fate {
    return this.#fates.get(task) as Fate;
  }

  // ---- what the pool's user does

  /** A task is packed, and may then not come. */
  expect(): void {
    if (this.policy.admission !== "admitted") return;
    this.#isExpecting = true;
    this.tell({ type: "taskExpected" });
    this.#isExpecting = false;
  }

  submit(traits: TaskTraits, key: string, { parent, canBeSent = true }: { parent?: Task | undefined; canBeSent?: boolean } = {}): Task | undefined {
    const { admission, isBroken, phase } = this.policy;
    assert.equal(admission === "broken", isBroken);
    if (phase === "open" && !isBroken && this.settings.maxQueue === Infinity) assert.equal(admission, "admitted");
    if (admission !== "admitted") return undefined;
    const task = new Task(this.policy.runTimeOf(key), traits);
    this.#fates.set(task, {
      number: this.submitted.length,
      canBeSent,
      begun: 0,
      kills: 0,
      begunAt: Infinity,
      submittedAt: this.now,
      wasSent: false,
      isReturned: false,
      end: undefined,
    });
    this.submitted.push(task);
    this.#open += 1;
    this.tell({ type: "taskSubmitted", task, parent });
    return task;
  }

  /** From inside a task that runs. */
  submitInside(simulated: Simulated | undefined, traits: TaskTraits): void {
    const parent = simulated?.runs[0];
    if (this.settings.isInThread && parent !== undefined) this.submit(traits, "f", { parent });
  }

  /** As `Future.cancel()`: nothing happens if the task has begun, or might have. */
  withdraw(task: Task | undefined): void {
    if (task !== undefined) this.#takeOut(task, "cancelled");
  }

  abort(task: Task | undefined): void {
    if (task === undefined || !this.isOpen(task)) return;
    if (this.#takeOut(task, "aborted")) return;
    this.#end(task, "aborted");
    this.tell({ type: "taskAborted", task, mayRetry: false, hasPassed: this.#hasPassed(task) });
  }

  /** Whether its worker has begun a later one. Without claims nobody can tell. */
  #hasPassed(task: Task): boolean {
    if (task.worker === undefined || !this.hasClaims) return false;
    const { runs, begun } = this.#of(task.worker);
    return runs.indexOf(task) < begun - 1;
  }

  decide(delayMs: number | undefined): void {
    const task = this.#deciding.shift();
    if (task === undefined || task.place !== "deciding") return;
    if (delayMs === undefined && this.isOpen(task)) this.#end(task, "failed");
    this.tell({ type: "retryDecided", task, delayMs });
  }

  shutdown(cancelPending: boolean): void {
    this.tell({ type: "shutdownRequested", cancelPending });
    if (!cancelPending || this.#isTelling) return;
    for (const task of this.submitted) {
      if (this.isOpen(task)) assert.ok(task.place === "handed" || task.place === "deciding", `a ${task.place} task is still to be run`);
    }
    for (const { worker, runs, begun } of this.crew) {
      const unbegun = runs.slice(begun).filter((task) => task.ghostOf === undefined);
      const isAllowed = !worker.hasClaims || runs.length === 1 || unbegun.length === 0 || runs.some((task) => task.traits.sendOnce);
      assert.ok(isAllowed, "a task that had not begun was not cancelled");
    }
  }

  terminate(): void {
    this.tell({ type: "terminateRequested" });
    if (this.#isTelling) return;
    assert.equal(this.open, 0, "a terminated pool has tasks");
  }

  // ---- what workers do

  ready(simulated: Simulated | undefined): void {
    if (simulated !== undefined) this.tell({ type: "workerReady", worker: simulated.worker, hasClaims: this.hasClaims });
  }

  refuse(simulated: Simulated | undefined): void {
    if (simulated === undefined) return;
    this.tell({ type: "workerRefused", worker: simulated.worker });
    assert.ok(this.policy.isBroken);
  }

  /** It loads modules for the sake of what it begins next. */
  load(simulated: Simulated | undefined): void {
    const task = simulated?.runs[simulated.begun];
    if (task !== undefined) this.tell({ type: "workerLoading", worker: (simulated as Simulated).worker, task });
  }

  /** What it runs never ends by itself. What it ran before has ended, and that is not told before it goes on. */
  stick(simulated: Simulated | undefined, isAborted: boolean): void {
    if (simulated === undefined || this.settings.isInThread) return;
    const task = running(simulated);
    if (task === undefined || simulated.unheard.has(task)) return;
    simulated.isStuck = this.hasClaims || simulated.begun === 1;
    if (isAborted && task.ghostOf === undefined) this.abort(task);
  }

  /** Without claims it answers each task before it begins the next. */
  begin(simulated: Simulated | undefined): void {
    if (simulated === undefined || simulated.isStuck || simulated.begun === simulated.runs.length) return;
    if (!this.hasClaims && simulated.begun > 0) return;
    const task = simulated.runs[simulated.begun] as Task;
    simulated.begun += 1;
    if (task.ghostOf !== undefined) return;
    const fate = this.#fateOf(task);
    fate.begun += 1;
    fate.begunAt = this.now;
    assert.ok(fate.begun <= 1 + task.traits.retryLimit, "a task was run once more than it may be");
  }

  /** The user's code submits more and more: workers cannot answer, but it can be seen who has begun all. */
  goOn(): void {
    const atLast = this.hasClaims ? this.crew.filter(({ runs, begun }) => runs.length > 0 && begun === runs.length) : [];
    this.tell({ type: "turnEnded", goesOn: true, atLast: atLast.map(({ worker }) => worker) });
    // It ends some time.
    this.#isTurnDue = true;
    this.turn();
  }

  /** Answers up to `count` of what has begun, in one message. */
  report(simulated: Simulated | undefined, count: number, ok: boolean, ms: number, memory: number): void {
    if (simulated === undefined || simulated.begun === 0 || simulated.isStuck) return;
    // What comes last in the message is an outcome; those before it that nobody has heard of are known to be lost then.
    const last = simulated.runs.slice(0, Math.min(count, simulated.begun)).findLastIndex((task) => !simulated.unheard.has(task));
    this.#isReporting = true;
    for (let answered = 0; answered <= last; answered += 1) this.#answer(simulated, ok, ms);
    this.#isReporting = false;
    this.tell({ type: "workerReported", worker: simulated.worker, memory });
    this.turn();
    const { worker } = simulated;
    if (memory > this.settings.maxMemoryPerWorker) assert.ok(worker.state !== "ready" || worker.isRetiring, "a worker that is too large goes on");
  }

  #answer(simulated: Simulated, ok: boolean, ms: number): void {
    const task = simulated.runs.shift() as Task;
    simulated.begun -= 1;
    this.#setbacks = 0;
    const isHeard = !simulated.unheard.delete(task);
    if (task.ghostOf === undefined && ok && isHeard) this.#end(task, "done");
    this.tell({ type: "taskFinished", task, ok: ok && isHeard, durationMs: ms });
  }

  /** A message that answers its first tasks cannot be read. Within a thread messages are the very objects that were sent. */
  garble(simulated: Simulated | undefined, count: number): void {
    if (simulated === undefined || this.settings.isInThread || simulated.isStuck || simulated.begun === 0) return;
    const task = simulated.runs.shift();
    simulated.begun -= 1;
    if (task !== undefined) simulated.unheard.delete(task);
    for (const other of simulated.runs.slice(0, Math.min(count - 1, simulated.begun))) simulated.unheard.add(other);
    this.tell({ type: "workerGarbled", worker: simulated.worker, task });
  }

  exit(simulated: Simulated | undefined): void {
    if (simulated === undefined) return;
    this.crew.splice(this.crew.indexOf(simulated), 1);
    const begun = this.hasClaims ? simulated.begun : Math.min(1, simulated.runs.length);
    const last = simulated.runs[begun - 1];
    // Behind one that was aborted it is not known which of them it was.
    if (last !== undefined && last.ghostOf === undefined && simulated.runs[0]?.ghostOf === undefined) this.#fateOf(last).kills += 1;
    for (const task of simulated.runs.slice(begun)) if (task.ghostOf === undefined) this.#fateOf(task).isReturned = true;
    const { state } = simulated.worker;
    if (begun > 0) this.#setbacks = 0;
    else if (state === "starting" || state === "ready") this.#setbacks += 1;
    this.#mostSetbacks = state === "starting" && this.settings.hasInitializer ? 3 : 5;
    this.tell({ type: "workerExited", worker: simulated.worker, begun });
    this.#assertUndisturbed(simulated.runs.slice(begun));
  }

  /** With "replace", what had not begun when its worker ended goes on. */
  #assertUndisturbed(tasks: readonly Task[]): void {
    if (this.settings.breaksOnDeath || this.policy.isBroken || this.policy.state.cancelsPending) return;
    for (const task of tasks) {
      if (task.ghostOf === undefined && !task.traits.sendOnce)
        assert.notEqual(this.#fateOf(task).end, "failTask", "a task that had not begun was lost with its worker");
    }
  }

  pass(ms: number): void {
    this.now += ms;
    if (this.now >= this.timerAt) this.tell({ type: "timePassed" });
  }

  // ---- telling policy

  /** Ends the turn, if anything has happened in it. */
  turn(): void {
    if (!this.#isTurnDue) return;
    this.#isTurnDue = false;
    this.tell({ type: "turnEnded" });
  }

  /** Whether the pool, which ends its turns only when something has happened in them, will do so. */
  get isTurnDue(): boolean {
    return this.#isTurnDue;
  }

  tell(event: PoolEvent): void {
    this.#events.push(event);
    // What is only the answer to a question changes nothing that a turn would look at.
    this.#isTurnDue ||= event.type !== "turnEnded" && event.type !== "taskLookedAt";
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#handle(next);
    this.#isTelling = false;
    // A message with outcomes is several events, and policy may rely on the last of them.
    if (!this.#isReporting) this.#lookRound(event.type);
  }

  #handle(event: PoolEvent): void {
    this.events += 1;
    const instructions = this.policy.handle(event, this.now);
    if (!this.#isReporting) assert.equal(findContradiction(this.policy.state), undefined, `after ${event.type}`);
    if (event.type === "turnEnded" && event.goesOn !== true && !this.#isReporting) assert.equal(findOmission(this.policy.state), undefined, "after turnEnded");
    for (const instruction of instructions) this.#carryOut(instruction);
  }

  /** When all that came of an event has been told, policy and the world agree. */
  #lookRound(cause: string): void {
    const { state } = this.policy;
    assert.equal(findOversight(state), undefined, `after all that came of ${cause}`);
    assert.equal(state.tasks, this.#open, `after ${cause}: tasks that policy knows, futures that are open`);
    assert.equal(state.workers.size, this.crew.length, `after ${cause}: workers that policy knows, workers that there are`);
    for (const { worker, runs, given, isDoubtful } of this.crew) {
      if (isDoubtful) continue;
      assert.equal(worker.tasksLeft, this.settings.maxTasksPerWorker - given, `after ${cause}: worker ${worker.index} was given ${given} tasks`);
      assert.equal(worker.handed.length, runs.length, `after ${cause}: tasks that policy knows of worker ${worker.index}, tasks that it has`);
      let at = 0;
      for (const task of worker.handed) {
        if (task.ghostOf !== undefined) continue;
        while (runs[at]?.ghostOf !== undefined) at += 1;
        assert.ok(task === runs[at++], `after ${cause}: worker ${worker.index} has other tasks than policy knows`);
      }
    }
    if (!this.settings.isInThread) assert.ok(state.busy <= this.settings.maxWorkers);
  }

  // ---- carrying out

  #carryOut(instruction: PoolInstruction): void {
    const { starting, queue, lent } = this.policy.state;
    switch (instruction.type) {
      case "startWorker":
        this.started += 1;
        assert.ok(
          starting.size <= Math.max(queue.length + lent.length, this.settings.minWorkers, this.#isExpecting ? 1 : 0),
          "more workers start than there are tasks",
        );
        this.crew.push({
          worker: instruction.worker,
          runs: [],
          begun: 0,
          given: 0,
          unheard: new Set(),
          isAskedToEnd: false,
          isStuck: false,
          isDoubtful: false,
        });
        return;
      case "dispatch":
        return this.#dispatch(this.#of(instruction.worker), instruction.tasks);
      case "stopWorker":
        this.#of(instruction.worker).isAskedToEnd = true;
        return;
      case "takeBack":
        return this.#takeBack(this.#of(instruction.worker), instruction.atMost);
      case "readNotes":
        return this.#readNotes(this.#of(instruction.worker));
      case "leaveGhost": {
        const simulated = this.#of(instruction.worker);
        const { runs } = simulated;
        const place = runs.indexOf(instruction.task);
        if (simulated.unheard.delete(instruction.task)) simulated.unheard.add(instruction.ghost);
        if (place >= 0) runs[place] = instruction.ghost;
        // It has just been taken back, and its worker has yet to pass it.
        else if (this.#taken.has(instruction.task)) runs.splice(this.#taken.get(instruction.task) as number, 0, instruction.ghost);
        // Or it was not sent, or taken back for another, which policy is about to hear: there is nothing to be stopped.
        else simulated.isDoubtful = true;
        return;
      }
      case "failTask":
      case "cancelTask":
        return this.#isToldLater(instruction.task) ? undefined : this.#end(instruction.task, instruction.type);
      case "considerRetry":
        return this.#considerRetry(instruction.task);
      case "breakPool":
        assert.ok(!this.#isBroken, "broken twice");
        this.#isBroken = true;
        if (instruction.reason === "startFailed") assert.ok(this.#setbacks >= this.#mostSetbacks, `given up after ${this.#setbacks} workers`);
        return;
      case "expireTask":
        return this.#expire(instruction.task, instruction.limit);
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

  /** It holds back all that it has done. What of it is unheard of is known to be lost when it says what came later. */
  #readNotes(simulated: Simulated): void {
    while (simulated.begun > 1 && simulated.unheard.size === 0) this.#answer(simulated, true, 0.1);
    this.tell({ type: "notesRead", worker: simulated.worker });
  }

  #dispatch(simulated: Simulated, tasks: readonly Task[]): void {
    const { worker, runs } = simulated;
    const { maxTasksPerWorker, slots } = this.settings;
    assert.equal(worker.state, "ready");
    assert.ok(!worker.isRetiring, "a worker that is to be replaced was given a task");
    for (const task of tasks) this.#checkSending(task);
    this.#checkChunk(tasks, runs.length === 0 ? 2 : 1);
    this.#checkOrder(tasks);
    runs.push(...tasks);
    simulated.given += tasks.length;
    assert.ok(simulated.given <= maxTasksPerWorker, "a worker was given too many tasks");
    assert.ok(runs.length <= (this.hasClaims ? slots : 2), `${runs.length} tasks are on their way to one worker`);
    for (const task of tasks) if (!this.#fateOf(task).canBeSent) this.#failToSend(simulated, task);
  }

  #checkSending(task: Task): void {
    const fate = this.#fateOf(task);
    assert.ok(fate.end === undefined || this.#isToldLater(task), "an ended task was sent");
    assert.ok(fate.kills < 3, "a task was sent that has taken three workers down");
    assert.ok(!(task.traits.sendOnce && fate.wasSent), "a task was sent again whose buffers are gone");
    assert.ok(fate.begun <= task.traits.retryLimit, "a task was sent that has no attempt left");
  }

  #checkChunk(tasks: readonly Task[], most: number): void {
    const traits = tasks[0]?.traits;
    if (traits?.chunkSize === undefined || tasks.length === 1) return;
    const count = tasks.filter((task) => task.traits === traits).length;
    assert.ok(count <= most * traits.chunkSize, `${count} tasks of a chunk travel together`);
  }

  /** Higher priority first, and those that were never sent in the order in which they were submitted. */
  #checkOrder(tasks: readonly Task[]): void {
    const queue = tasks[0]?.parent === undefined ? this.policy.state.queue : this.policy.state.lent;
    const next = queue.first;
    for (const [at, task] of tasks.entries()) {
      const fate = this.#fateOf(task);
      const after = tasks[at + 1] ?? next;
      if (after !== undefined) assert.ok(task.traits.priority >= after.traits.priority, "a task of lower priority went first");
      const isBehind = after !== undefined && after.traits.priority === task.traits.priority && !fate.wasSent && !this.#fateOf(after).wasSent;
      if (isBehind) assert.ok(fate.number < this.#fateOf(after).number, "a later task went first");
      if (!fate.wasSent) this.#checkTurn(task, queue);
    }
    for (const task of tasks) {
      const fate = this.#fateOf(task);
      fate.wasSent = true;
      fate.isReturned = false;
    }
  }

  /** `task` goes for the first time: none that came back without having been begun waits behind it. */
  #checkTurn(task: Task, queue: Iterable<Task>): void {
    for (const other of queue) {
      const isPassed = other.traits.priority === task.traits.priority && this.#fateOf(other).isReturned;
      assert.ok(!isPassed, "a task that had its turn waits behind one that had not");
    }
  }

  #failToSend(simulated: Simulated, task: Task): void {
    simulated.runs.splice(simulated.runs.indexOf(task), 1);
    simulated.given -= 1;
    this.tell({ type: "taskUnsendable", task });
  }

  /** The caller's own function is called, which may do anything with the pool. */
  #considerRetry(task: Task): void {
    assert.ok(!this.policy.state.cancelsPending, "another attempt was thought of in a pool that starts none");
    this.#deciding.push(task);
    this.interjections.shift()?.();
  }

  /** As a pool does: from the last on, and not past what has moved to the worker or has begun. */
  #takeBack(simulated: Simulated, atMost: number): void {
    const tasks: Task[] = [];
    for (let place = simulated.runs.length - 1; place >= simulated.begun && tasks.length < atMost; place -= 1) {
      const task = simulated.runs[place] as Task;
      if (task.ghostOf !== undefined) continue;
      if (task.traits.sendOnce) break;
      simulated.runs.splice(place, 1);
      this.#fateOf(task).isReturned = true;
      tasks.push(task);
    }
    if (tasks.length === 0) return;
    simulated.given -= tasks.length;
    this.tell({ type: "tasksTakenBack", worker: simulated.worker, tasks });
  }

  #lookAt(task: Task): void {
    const simulated = task.worker === undefined ? undefined : this.#of(task.worker);
    const hasBegun = simulated !== undefined && simulated.runs.indexOf(task) < simulated.begun;
    this.tell({ type: "taskLookedAt", task, hasBegun });
  }

  #expire(task: Task, limit: LimitKind): void {
    assert.equal(this.#fateOf(task).end, undefined, "a task that has ended ran out of time");
    this.#checkLimit(task, limit);
    if (this.#takeOut(task, "expired") || limit === "queue") return;
    const mayRetry = limit === "run";
    const hasPassed = this.#hasPassed(task);
    // It was done in time.
    if (mayRetry && hasPassed) return;
    if (!mayRetry) this.#end(task, "expired");
    this.tell({ type: "taskAborted", task, mayRetry, hasPassed });
  }

  #checkLimit(task: Task, limit: LimitKind): void {
    const { deadlineAt, queueTimeout } = task.traits;
    const { submittedAt, begun, begunAt } = this.#fateOf(task);
    if (limit === "deadline") assert.ok(this.now >= deadlineAt, "a deadline was too early");
    if (limit === "queue") assert.equal(task.attempts, 0, "a task that has started was said to have waited for too long");
    if (limit === "queue") assert.ok(this.now >= submittedAt + queueTimeout, "a wait was ended too early");
    if (limit === "run" && this.hasClaims) assert.ok(begun > 0 && this.now >= begunAt + task.traits.timeout, "a run was ended too early");
  }

  /** Ends it if it has certainly not begun. */
  #takeOut(task: Task, how: string): boolean {
    if (this.#fateOf(task).end !== undefined || task.place === "ended" || task.place === "new") return false;
    const takenBack = task.place === "handed";
    if (takenBack) {
      const simulated = this.#of(task.worker as Worker);
      const place = simulated.runs.indexOf(task);
      if (!this.hasClaims || place < simulated.begun) return false;
      simulated.runs.splice(place, 1);
      simulated.given -= 1;
      this.#taken.set(task, place);
    }
    this.#end(task, how);
    this.tell({ type: "taskWithdrawn", task, takenBack });
    return true;
  }

  /** It has ended, and policy will hear of it after what it handles now. */
  #isToldLater(task: Task): boolean {
    return !this.isOpen(task) && this.#events.some((event) => "task" in event && event.task === task);
  }

  #end(task: Task, how: string): void {
    const fate = this.#fateOf(task);
    assert.equal(fate.end, undefined, `a task that has ended (${fate.end}) now ends again: ${how}`);
    fate.end = how;
    this.#open -= 1;
  }

  // ---- the end

  /** Everybody does what is due until nothing is left to do. */
  comeToRest(isAtRest: () => boolean): void {
    for (let step = 0; step < 2_000 && !isAtRest(); step += 1) {
      while (this.#deciding.length > 0) this.decide(undefined);
      for (const simulated of [...this.crew]) this.#work(simulated);
      // What a turn has instructed may have come to something at once.
      while (this.isTurnDue) this.turn();
      if (isAtRest()) return;
      if (this.timerAt !== Infinity) this.pass(Math.max(0, Math.min(this.timerAt - this.now, 1_000)));
    }
    assert.ok(
      isAtRest(),
      `it never came to rest: ${this.submitted
        .filter((task) => this.isOpen(task))
        .map((task) => task.place)
        .join(", ")}`,
    );
  }

  #work(simulated: Simulated): void {
    const { worker, runs } = simulated;
    if (worker.state === "starting") return this.ready(simulated);
    if (worker.state === "stopping" || worker.state === "killed") return this.exit(simulated);
    // Only a kill ends it, and if nobody waits for what it runs there must be one.
    if (simulated.isStuck && running(simulated)?.ghostOf !== undefined) return;
    simulated.isStuck = false;
    do this.begin(simulated);
    while (this.hasClaims && simulated.begun < runs.length);
    if (simulated.isAskedToEnd && runs.every((task) => simulated.unheard.has(task))) return this.exit(simulated);
    this.report(simulated, Infinity, true, 0.1, 0);
  }
}

/** The last that has begun. */
function running(simulated: Simulated): Task | undefined {
  return simulated.runs[simulated.begun - 1];
}
