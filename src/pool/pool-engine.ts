// Between policy and the world: tells policy what happens and carries out what it decides, on real workers, tasks and
// a clock. Nothing here chooses; everything that can go wrong outside is turned into an event.

import type { ExecutorStats } from "../contract/executor.ts";
import type { Template } from "../codec/template.ts";
import { CancelledError } from "../contract/errors.ts";
import { messageOf } from "../contract/message-of.ts";
import { microtask } from "../contract/microtask.ts";
import { currentTask } from "../contract/task-context.ts";
import { reportUnhandled } from "../contract/unhandled.ts";
import type { PoolEvent } from "../policy/events.ts";
import type { BreakReason, FailureReason, LimitKind, PoolInstruction } from "../policy/instructions.ts";
import { PoolPolicy } from "../policy/pool-policy.ts";
import { isPoisonous } from "../policy/retries.ts";
import type { Task } from "../policy/task.ts";
import type { Worker } from "../policy/worker.ts";
import { PROTOCOL_VERSION } from "../protocol/messages.ts";
import { columnsOfOutcomes, OutcomeReader, type OutcomeColumns } from "../protocol/columns.ts";
import type { FinishedMessage, FromWorker, StartMessage, WireOutcome, WireValue } from "../protocol/messages.ts";
import { Lookout } from "../transport/lookout.ts";
import type { WorkerExit, WorkerPayloads } from "../transport/worker-host.ts";
import { systemClock } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { brokenError, initializerError, lostOutcomeError, startError, terminatedError, timeoutError, unsendableError, workerLostError } from "./pool-errors.ts";
import type { LastExit } from "./pool-errors.ts";
import { policySettings, type PoolSettings } from "./pool-settings.ts";
import { LongTurn } from "./long-turn.ts";
import { PoolTask } from "./pool-task.ts";
import type { TaskOwner } from "./pool-task.ts";
import { PoolTimers } from "./pool-timers.ts";
import { PoolWorker } from "./pool-worker.ts";
import type { Run } from "./runs.ts";
import { Settlement } from "./settlement.ts";
import { decideRetry } from "./task-order.ts";

/** Milliseconds after which idle workers are told which functions to forget, if no task could carry it along. */
const FORGET_DELAY_MS = 50;

const TURN_ENDED: PoolEvent = { type: "turnEnded" };
const TURN_GOES_ON: PoolEvent = { type: "turnEnded", goesOn: true };

/** Run ids of workers in this thread are unique in it, so that `currentTask()` tells which pool a task belongs to; the start makes other copies of this module unlikely to have the same. */
let nextLocalRunId = Math.floor(Math.random() * 2 ** 28);

function takeLocalRunId(): number {
  return nextLocalRunId++;
}

export class PoolEngine implements TaskOwner {
  readonly policy: PoolPolicy;
  readonly settlement: Settlement;
  /** Resolves when the pool has been shut down and its workers are gone. */
  readonly closed: Promise<void>;
  readonly #settings: PoolSettings;
  readonly #clock: Clock;
  readonly #initializer: StartMessage["initializer"];
  readonly #workers = new WeakMap<Worker, PoolWorker>();
  readonly #byIndex = new Map<number, PoolWorker>();
  /** What happens while instructions are carried out waits for its turn. */
  readonly #events: PoolEvent[] = [];
  #isTelling = false;
  #isTurnScheduled = false;
  readonly #longTurn = new LongTurn(this.#byIndex);
  #isAnswering = false;
  /** Why aborted runs that go on were aborted. */
  readonly #abortReasons = new WeakMap<Task, unknown>();
  readonly #timers: PoolTimers;
  #nextRunId = 0;
  readonly #takeRunId: () => number;
  readonly #endTurn = (): void => {
    // A message of a worker may have ended the turn before.
    if (this.#isTurnScheduled) this.#turnEnded(this.#clock.now());
  };
  /** Looks for replies, if the pool's user wants it to. */
  readonly #lookout: Lookout | undefined;
  #lastExit: LastExit | undefined;
  /** What ended the last worker that ended, as an error that names its task. */
  #lastLoss: unknown;
  /** Why the initializer can never run. */
  #refusal: unknown;
  /** Why the pool is broken. */
  #brokenCause: unknown;
  #close: () => void = () => {};
  #share: Pick<StartMessage, "coreShare"> | undefined;
  #workersStarted = 0;
  #workersLost = 0;
  #abandonedWorkers = 0;

  constructor(settings: PoolSettings, initializer: StartMessage["initializer"]) {
    this.#settings = settings;
    this.#clock = settings.clock ?? systemClock;
    this.#initializer = initializer;
    this.#takeRunId = settings.lendsWorkers === true ? takeLocalRunId : () => this.#nextRunId++;
    this.policy = new PoolPolicy(policySettings(settings));
    this.settlement = new Settlement((task, reason) => this.abort(task, reason));
    this.#timers = new PoolTimers(this.#clock);
    settings.host.payloads?.askNextReceiver(() => this.#nextReceiver());
    if (settings.callerSpin !== undefined && settings.callerSpin > 0)
      this.#lookout = new Lookout(settings.callerSpin, { isWanted: () => this.policy.state.busy > 0, closed: () => this.#turnEnded(this.#clock.now()) });
    this.closed = new Promise((resolve) => (this.#close = resolve));
  }

  get brokenCause(): unknown {
    return this.#brokenCause;
  }

  now(): number {
    return this.#clock.now();
  }

  stats(): ExecutorStats {
    const { policy, settlement } = this;
    const { state } = policy;
    return {
      kind: this.#settings.kind,
      state: state.isBroken && state.phase !== "closed" ? "broken" : state.phase,
      workers: state.workers.size,
      idleWorkers: state.idle.length,
      queued: state.tasks - policy.running,
      running: policy.running,
      completed: settlement.completed,
      failed: settlement.failed,
      cancelled: settlement.cancelled,
      workersStarted: this.#workersStarted,
      workersLost: this.#workersLost,
      abandonedWorkers: this.#abandonedWorkers,
      transport: this.#settings.host.transport,
    };
  }

  // ---- what the pool's user does

  /** Told before a task is packed. */
  expectTask(): void {
    if (this.policy.state.workers.size > 0) return;
    this.#tell({ type: "taskExpected" }, this.#clock.now());
    this.#scheduleTurn();
  }

  /** One of many that are read as they are needed. */
  start(task: PoolTask): void {
    // Only a limit in time needs to know when it was.
    this.#add(task, task.traits.queueTimeout === Infinity ? this.policy.state.now : this.#clock.now());
  }

  /** `at`: when, of `performance.now()`. */
  submit(task: PoolTask, at: number): void {
    const now = this.#clock === systemClock ? at : this.#clock.now();
    this.#add(task, now);
    if (this.#longTurn.noteTask(now)) this.#hearWorkers(now);
  }

  #add(task: PoolTask, now: number): void {
    if (task.order.signal !== undefined) this.settlement.signals.add(task.order.signal, task);
    this.#tell({ type: "taskSubmitted", task, parent: this.#settings.lendsWorkers === true ? this.#parentTask() : undefined }, now);
    // Whoever looks for replies wants them soon: what its worker does then overlaps with what is left of this turn.
    if (this.#lookout?.isOpen === true && this.policy.canPlaceAtOnce && !this.#isAtWork) this.#tell(TURN_GOES_ON, now);
    else this.#scheduleTurn();
  }

  /** Whether it is in the middle of what it must do in order. */
  get #isAtWork(): boolean {
    return this.#isTelling || this.#isAnswering || this.settlement.isSettling;
  }

  /** While the user's code goes on. */
  #hearWorkers(now: number): void {
    // Workers within this thread would run their tasks in here.
    if (this.#isAtWork || this.#settings.lendsWorkers === true) return;
    this.#longTurn.hear();
    const atLast = [...this.#byIndex.values()].filter(({ isAtLast }) => isAtLast).map(({ worker }) => worker);
    this.#tell(atLast.length === 0 ? TURN_GOES_ON : { type: "turnEnded", goesOn: true, atLast }, now);
  }

  /** Asked by `Future.cancel()`, which settles the future itself. */
  withdraw(task: PoolTask): boolean {
    if (!this.#takeOut(task)) return false;
    this.settlement.withdrawn(task);
    return true;
  }

  /** Ends it with `reason` now; if the task runs it is told, and stopped if it does not return. */
  abort(task: PoolTask, reason: unknown): void {
    if (task.place === "ended") return;
    if (!this.#takeOut(task)) this.#abandon(task, reason, false);
    this.settlement.cancel(task, reason);
  }

  shutdown(cancelPending: boolean): Promise<void> {
    this.#happened({ type: "shutdownRequested", cancelPending });
    return this.closed;
  }

  terminate(): Promise<void> {
    this.#happened({ type: "terminateRequested" });
    return this.closed;
  }

  /** Nothing can ever run: its initializer cannot cross. */
  breakWith(cause: unknown): void {
    this.#refusal = cause;
    this.#happened({ type: "poolUnusable" });
  }

  // ---- telling policy

  /** For what comes alone: nothing is gained by waiting for the end of the turn. */
  #happened(event: PoolEvent): void {
    const now = this.#clock.now();
    this.#tell(event, now);
    this.#turnEnded(now);
  }

  #tell(event: PoolEvent, now: number): void {
    if (this.#isTelling) {
      this.#events.push(event);
      return;
    }
    this.#isTelling = true;
    try {
      this.#carryOutAll(this.policy.handle(event, now));
      while (this.#events.length > 0) this.#carryOutAll(this.policy.handle(this.#events.shift() as PoolEvent, now));
    } finally {
      this.#isTelling = false;
    }
  }

  #scheduleTurn(): void {
    if (this.#isTurnScheduled) return;
    this.#isTurnScheduled = true;
    microtask(this.#endTurn);
  }

  #turnEnded(now: number): void {
    if (this.#longTurn.isHearing) return;
    this.#longTurn.end();
    // While it looks for replies, tasks come and go faster than idle workers need to be let go.
    const goesOn = this.#lookout?.isOpen === true;
    this.#isTurnScheduled = false;
    this.#tell(goesOn ? TURN_GOES_ON : TURN_ENDED, now);
    this.settlement.settleEnded(this.#systemTime(now));
    // Who is being told now may have led to this.
    if (!this.settlement.isSettling) this.#longTurn.told();
    if (!goesOn) this.#timers.hold(this.policy.waitsForTime);
  }

  /** What futures tell. Reading the clock takes as long as settling one. */
  #systemTime(now: number): number {
    return this.#clock === systemClock ? now : performance.now();
  }

  // ---- carrying out

  #carryOutAll(instructions: readonly PoolInstruction[]): void {
    for (const instruction of instructions) this.#carryOut(instruction);
  }

  #carryOut(instruction: PoolInstruction): void {
    switch (instruction.type) {
      case "dispatch":
        // Policy hands back the tasks that it was given.
        return this.#dispatch(this.#of(instruction.worker), instruction.tasks as readonly PoolTask[], instruction.patience);
      case "markRunning":
        return (instruction.task as PoolTask).noteRunning(this.#of(instruction.worker).info);
      case "markPending":
        return (instruction.task as PoolTask).notePending();
      case "startWorker":
        return this.#startWorker(instruction.worker);
      case "takeBack":
        return this.#takeBack(this.#of(instruction.worker), instruction.atMost);
      case "readNotes":
        return this.#readNotes(this.#of(instruction.worker));
      case "leaveGhost":
        return this.#leaveGhost(instruction.task as PoolTask, instruction.ghost, this.#of(instruction.worker));
      case "abortRun":
        return this.#abortRun(this.#of(instruction.worker), instruction.ghost);
      case "failTask":
        return this.#fail(instruction.task as PoolTask, instruction.reason);
      case "cancelTask":
        return this.settlement.cancel(instruction.task as PoolTask, undefined);
      case "considerRetry":
        return this.#considerRetry(instruction.task as PoolTask, instruction.reason);
      case "expireTask":
        return this.#expire(instruction.task as PoolTask, instruction.limit);
      case "lookAtTask":
        return this.#lookAt(instruction.task as PoolTask);
      case "stopWorker":
        return this.#of(instruction.worker).stop();
      case "killWorker":
        return this.#kill(this.#of(instruction.worker));
      case "holdWorker":
        return this.#of(instruction.worker).hold(true);
      case "releaseWorker":
        return this.#of(instruction.worker).hold(false);
      case "breakPool":
        this.#brokenCause = this.#causeOf(instruction.reason);
        return;
      case "setTimer":
        return this.#timers.setAlarm(instruction.at, () => this.#happened({ type: "timePassed" }));
      case "clearTimer":
        return this.#timers.clear();
      case "finishShutdown":
        return this.#close();
    }
  }

  // ---- workers

  #startWorker(worker: Worker): void {
    this.#workersStarted += 1;
    const listener = {
      message: (message: FromWorker): void => {
        if (started.heard === undefined) this.#message(started, message);
        else started.heard.push(() => this.#message(started, message));
      },
      messageError: (error: unknown): void => this.#hear(started, () => this.#messageError(started, error)),
      exited: (exit: WorkerExit): void => this.#hear(started, () => this.#exited(started, exit)),
    };
    const started: PoolWorker = new PoolWorker(worker, this.#settings.host.start(worker.index, listener), this.#settings.createUnpacker);
    this.#workers.set(worker, started);
    this.#byIndex.set(worker.index, started);
    if (started.ring !== undefined) this.#lookout?.add(started.ring);
    this.#sendStart(started);
  }

  #sendStart(started: PoolWorker): void {
    try {
      started.start({
        type: "start",
        version: PROTOCOL_VERSION,
        workerIndex: started.worker.index,
        poolName: this.#settings.name,
        initializer: this.#initializer,
        reportMemory: this.#settings.maxMemoryPerWorker !== undefined,
        maxCaptureSize: this.#settings.maxCaptureSize ?? Infinity,
        ...this.#coreShare(),
      });
    } catch (error) {
      this.#refusal = initializerError(this.#settings.name, error);
      this.#tell({ type: "workerRefused", worker: started.worker }, this.#clock.now());
    }
  }

  #coreShare(): Pick<StartMessage, "coreShare"> {
    if (this.#share === undefined) {
      const coreShare = this.#settings.coreShare?.();
      this.#share = coreShare === undefined ? {} : { coreShare };
    }
    return this.#share;
  }

  #of(worker: Worker): PoolWorker {
    return this.#workers.get(worker) as PoolWorker;
  }

  #nextReceiver(): WorkerPayloads | undefined {
    const worker = this.policy.nextPlace;
    return worker && this.#of(worker).payloads;
  }

  #kill(worker: PoolWorker): void {
    void worker.kill().then((end) => {
      if (end === "abandoned") this.#abandonedWorkers += 1;
    });
  }

  #dispatch(worker: PoolWorker, tasks: readonly PoolTask[], patience: number): void {
    // Before the tasks are sent: the reply may come sooner than anything else is done.
    this.#lookout?.watch();
    try {
      worker.run(tasks, this.#takeRunId, patience);
    } catch (error) {
      this.#dispatchOneByOne(worker, tasks, patience, error);
    }
  }

  /** One task that no message can carry must not take the others of its batch with it. */
  #dispatchOneByOne(worker: PoolWorker, tasks: readonly PoolTask[], patience: number, error: unknown): void {
    if (tasks.length > 1) {
      for (const task of tasks) this.#dispatch(worker, [task], patience);
      return;
    }
    for (const task of tasks) {
      task.failedWith(unsendableError(task, error));
      this.#tell({ type: "taskUnsendable", task }, this.#clock.now());
    }
    // This turn has placed its tasks already, and the worker is free again.
    this.#scheduleTurn();
  }

  #takeBack(worker: PoolWorker, atMost: number): void {
    const tasks = worker.runs.takeBackLast(atMost);
    if (tasks.length === 0) return;
    this.#tell({ type: "tasksTakenBack", worker: worker.worker, tasks }, this.#clock.now());
    this.#scheduleTurn();
  }

  #leaveGhost(task: PoolTask, ghost: Task, worker: PoolWorker): void {
    worker.runs.replace(task, ghost);
    this.#abortReasons.set(ghost, this.#abortReasons.get(task));
  }

  #abortRun(worker: PoolWorker, ghost: Task): void {
    const run = worker.runs.runOf(ghost);
    if (run !== undefined) worker.abort(run.runId, this.#packReason(worker, this.#abortReasons.get(ghost)));
  }

  /** An abort message takes no templates, so a reason that needs new ones arrives as its message only. */
  #packReason(worker: PoolWorker, reason: unknown): WireValue {
    const { packer } = this.#settings;
    const packed = packer.packError(reason);
    if (worker.hasTemplates(packed.templates)) return packed;
    const plain = packer.packError(new CancelledError(messageOf(reason)));
    return worker.hasTemplates(plain.templates) ? plain : { value: undefined, coded: false };
  }

  // ---- what workers say

  /** While the modules of a message's templates load, what comes after it must wait. */
  #hear(worker: PoolWorker, happen: () => void): void {
    if (worker.heard === undefined) happen();
    else worker.heard.push(happen);
  }

  #message(worker: PoolWorker, message: FromWorker): void {
    switch (message.type) {
      case "finished":
        // Nearly always; without a closure.
        if (message.templates === undefined) return this.#finished(worker, message);
        return this.#afterTemplates(worker, message.templates, () => this.#finished(worker, message));
      case "progress":
        return this.#progressed(worker, message.taskId, message.fraction, message.note);
      case "ready":
        return this.#happened({ type: "workerReady", worker: worker.worker, hasClaims: worker.hasClaims });
      case "loading":
        return this.#loading(worker, message.taskId);
      case "startFailed":
        return this.#afterTemplates(worker, message.templates, () => this.#startFailed(worker, message.reason));
      case "leftoverError":
        return this.#afterTemplates(worker, message.templates, () => reportUnhandled(unpackError(worker, message.reason)));
    }
  }

  #afterTemplates(worker: PoolWorker, templates: readonly Template[] | undefined, happen: () => void): void {
    const waiting = templates === undefined ? undefined : worker.unpacker.define(templates);
    if (waiting === undefined) return happen();
    const heard: (() => void)[] = [happen];
    worker.heard = heard;
    void waiting.then(() => {
      worker.heard = undefined;
      // One of these may have to wait again: the rest then waits behind it.
      for (const next of heard) this.#hear(worker, next);
    });
  }

  #finished(worker: PoolWorker, { outcomes, memory }: FinishedMessage): void {
    const now = this.#clock.now();
    this.#answerAll(worker, outcomes, now);
    this.#tell({ type: "workerReported", worker: worker.worker, memory }, now);
    this.#turnEnded(now);
    this.#longTurn.take(worker);
    if (worker.isForgetful && worker.runs.isEmpty) this.#forgetSoon();
  }

  #answerAll(worker: PoolWorker, outcomes: OutcomeColumns, now: number): void {
    const reader = new OutcomeReader(outcomes);
    this.#isAnswering = true;
    try {
      while (reader.hasNext) {
        reader.advance();
        this.#answered(worker, reader, now);
      }
    } finally {
      this.#isAnswering = false;
    }
  }

  #answered(worker: PoolWorker, outcome: OutcomeReader, now: number): void {
    const run = worker.runs.answer(outcome.taskId, this.#skipped);
    if (this.#skipped.length > 0) this.#loseSkipped(worker, now);
    if (run?.task === undefined) return;
    const { ok, value, coded, durationMs } = outcome;
    if (run instanceof PoolTask) {
      // An error is needed at once, to ask whether it is worth another attempt.
      run.answered(ok, ok ? value : unpackError(worker, { value, coded }), ok && coded);
      if (ok && this.#longTurn.isHearing) this.settlement.addMeanwhile(run, this.#systemTime(now));
      else if (ok) this.settlement.add(run);
    }
    this.#tell({ type: "taskFinished", task: run.task, ok, durationMs }, now);
  }

  readonly #skipped: Run[] = [];

  /** The worker has gone past them, so their outcomes were in a message that could not be read. */
  #loseSkipped(worker: PoolWorker, now: number): void {
    for (const { task } of this.#skipped.splice(0)) {
      if (task === undefined) continue;
      if (task instanceof PoolTask) task.failedWith(lostOutcomeError(task, worker.garbledBy));
      this.#tell({ type: "taskFinished", task, ok: false, durationMs: 0 }, now);
    }
  }

  #loading(worker: PoolWorker, runId: number): void {
    worker.loadingFor = runId;
    const task = worker.runs.find(runId)?.task;
    if (task !== undefined) this.#happened({ type: "workerLoading", worker: worker.worker, task });
  }

  #progressed(worker: PoolWorker, runId: number, fraction: number, note: string | undefined): void {
    const run = worker.runs.find(runId);
    if (run instanceof PoolTask) run.noteProgress({ fraction, note });
  }

  #startFailed(worker: PoolWorker, reason: WireValue): void {
    this.#refusal = initializerError(this.#settings.name, unpackError(worker, reason));
    this.#happened({ type: "workerRefused", worker: worker.worker });
  }

  #messageError(worker: PoolWorker, error: unknown): void {
    worker.garbledBy = error;
    const run = worker.runs.first();
    if (run === undefined) return reportUnhandled(error);
    if (run instanceof PoolTask) run.failedWith(lostOutcomeError(run, error));
    worker.runs.answer(run.runId, []);
    this.#happened({ type: "workerGarbled", worker: worker.worker, task: run.task });
  }

  #exited(worker: PoolWorker, exit: WorkerExit): void {
    if (worker.exit !== undefined) return;
    this.#rescueOutcomes(worker);
    const begun = worker.countHit();
    const { state, index } = worker.worker;
    this.#lastLoss = workerLostError(this.#settings.name, index, exit, worker.lastTask);
    if (state === "starting" || (state === "ready" && !worker.worker.isAskedToEnd)) this.#workersLost += 1;
    this.#lastExit = { exit, isOfInitializer: state === "starting" && this.#initializer !== undefined };
    worker.close(exit);
    if (worker.ring !== undefined) this.#lookout?.remove(worker.ring);
    if (this.#byIndex.get(index) === worker) this.#byIndex.delete(index);
    this.#happened({ type: "workerExited", worker: worker.worker, begun });
  }

  /** Large results are read before the memory that they are in is closed. */
  #rescueOutcomes(worker: PoolWorker): void {
    this.#answerNoted(worker, worker.runs.unsentOutcomes());
    this.settlement.settleEnded(performance.now());
  }

  #readNotes(worker: PoolWorker): void {
    this.#answerNoted(worker, worker.runs.heldBackOutcomes());
    this.#tell({ type: "notesRead", worker: worker.worker }, this.#clock.now());
  }

  /** What the worker noted down and did not come to send. */
  #answerNoted(worker: PoolWorker, outcomes: readonly WireOutcome[]): void {
    this.#answerAll(worker, columnsOfOutcomes(outcomes), this.#clock.now());
  }

  // ---- tasks that do not simply finish

  /** Whether a task that has not begun is now in no place, and never runs. */
  #takeOut(task: PoolTask): boolean {
    if (task.place === "ended" || task.place === "new") return false;
    const takenBack = task.place === "handed" && task.sentTo?.runs.takeBack(task) === true;
    if (task.place === "handed" && !takenBack) return false;
    this.#tell({ type: "taskWithdrawn", task, takenBack }, this.#clock.now());
    this.#scheduleTurn();
    return true;
  }

  /** Nobody waits for the task any more, but its worker has it. */
  #abandon(task: PoolTask, reason: unknown, mayRetry: boolean): void {
    this.#abortReasons.set(task, reason);
    this.#tell({ type: "taskAborted", task, mayRetry, hasPassed: task.sentTo?.runs.hasPassed(task) ?? false }, this.#clock.now());
    this.#scheduleTurn();
  }

  #lookAt(task: PoolTask): void {
    const hasBegun = task.sentTo?.runs.hasBegun(task) ?? false;
    this.#tell({ type: "taskLookedAt", task, hasBegun }, this.#clock.now());
  }

  #expire(task: PoolTask, limit: LimitKind): void {
    const error = timeoutError(task, limit);
    task.failedWith(error);
    if (this.#takeOut(task)) return this.settlement.add(task);
    // It has begun in the meantime, so it no longer waits.
    if (limit === "queue") return;
    // It was done in time.
    if (limit === "run" && task.sentTo?.runs.hasPassed(task) === true) return;
    this.#abandon(task, error, limit === "run");
    if (limit !== "run") this.settlement.add(task);
  }

  /** Whoever terminated the pool knows of it: what nobody waits for any more is no error that nobody handled. */
  #failAsTerminated(task: PoolTask): void {
    task.observe();
    task.failedWith(terminatedError(this.#settings.name));
  }

  #fail(task: PoolTask, reason: FailureReason): void {
    const { name } = this.#settings;
    if (reason === "broken") task.failedWith(brokenError(name, this.#brokenCause));
    else if (reason === "terminated") this.#failAsTerminated(task);
    else if (reason === "workerLost") task.failedWith(this.#lostError(task));
    this.settlement.add(task);
  }

  #lostError(task: PoolTask): unknown {
    const worker = task.sentTo;
    if (worker?.exit === undefined) return task.value;
    if (worker.worker.isAskedToEnd && worker.exit.exitCode === 0) return lostOutcomeError(task, worker.garbledBy);
    const killed = isPoisonous(task) ? task.kills : 0;
    return workerLostError(this.#settings.name, worker.worker.index, worker.exit, worker.lossOf(task), killed);
  }

  #considerRetry(task: PoolTask, reason: FailureReason): void {
    if (reason === "workerLost") task.failedWith(this.#lostError(task));
    const delayMs = decideRetry(task);
    if (delayMs === undefined) this.settlement.add(task);
    this.#tell({ type: "retryDecided", task, delayMs }, this.#clock.now());
  }

  /** The task of this pool from inside which it is being called, if workers are in this thread. */
  #parentTask(): Task | undefined {
    const context = currentTask();
    const id = (context as { readonly id?: number } | undefined)?.id;
    return context === undefined || id === undefined ? undefined : this.#byIndex.get(context.workerIndex)?.runs.find(id)?.task;
  }

  // ---- the rest

  #causeOf(reason: BreakReason): unknown {
    switch (reason) {
      case "initializerFailed":
      case "unusable":
        return this.#refusal;
      case "workerLost":
        return this.#lastLoss;
      case "startFailed":
        return startError(this.#settings.name, this.#lastExit);
    }
  }

  #forgetSoon(): void {
    this.#timers.setForgetting(FORGET_DELAY_MS, () => {
      for (const worker of this.policy.state.workers) if (worker.handed.length === 0) this.#of(worker).sendForgotten();
    });
  }
}

/** Never throws: an error that cannot be unpacked is replaced by what says so. */
function unpackError(worker: PoolWorker, packed: WireValue): unknown {
  try {
    return worker.unpacker.unpack(packed);
  } catch (error) {
    return error;
  }
}
