// All that policy knows of one pool. Changed only by the functions of this folder, while an event is handled.

import { Alarm, Alarms } from "./alarms.ts";
import type { PoolInstruction } from "./instructions.ts";
import { LinkedList } from "./linked-list.ts";
import { Restarts } from "./restarts.ts";
import { RunTimes } from "./run-times.ts";
import type { Task } from "./task.ts";
import { TaskQueue } from "./task-queue.ts";
import type { Worker, WorkerRings } from "./worker.ts";

/** The limits of a pool. Times in milliseconds, sizes in bytes. */
export interface PolicySettings {
  /** May be `Infinity`. */
  readonly maxWorkers: number;
  readonly minWorkers: number;
  readonly idleTimeout: number;
  readonly maxQueue: number;
  readonly maxTasksPerWorker: number;
  readonly maxMemoryPerWorker: number;
  /** Whether workers run code of the user's before they are ready. */
  readonly hasInitializer: boolean;
  /** Whether a dead worker breaks the pool. */
  readonly breaksOnDeath: boolean;
  /** How long an aborted task has to return before its worker is killed. */
  readonly abortGrace: number;
  /** How long a worker has to end once told to stop. */
  readonly stopGrace: number;
  /** Tasks in flight to a worker at most. */
  readonly slots: number;
  /** Whether workers are objects of the pool's own thread: they cannot be stopped, and a task may wait for others of its pool. */
  readonly isInThread: boolean;
}

/** `open` takes tasks; `closing` finishes them; `closed`: all workers are gone. */
export type Phase = "open" | "closing" | "closed";

export class PoolState {
  readonly settings: PolicySettings;
  readonly rings: WorkerRings;
  /** The time of the event being handled. */
  now = 0;
  phase: Phase = "open";
  isBroken = false;
  /** Tasks that have not started are to be cancelled: nothing enters the queue any more. */
  cancelsPending = false;
  isTerminated = false;
  /** Tasks that have not ended. */
  tasks = 0;
  readonly queue: TaskQueue = new TaskQueue();
  /** Queued tasks that were submitted from inside tasks of this pool. */
  readonly lent: TaskQueue = new TaskQueue();
  /** Failed tasks whose retry options are being asked. */
  readonly deciding: LinkedList<Task> = new LinkedList();
  /** Failed tasks that wait for their next attempt, with its alarm. */
  readonly waiting: Map<Task, Alarm> = new Map();
  /** Workers that take up a place: all that are not gone. */
  readonly workers: Set<Worker> = new Set();
  readonly starting: Set<Worker> = new Set();
  /** Workers that were told to stop or killed, and have not gone. */
  leaving = 0;
  /** Ready workers without tasks; the last to become so is the first to get one, so that spare workers stay idle and leave. */
  readonly idle: LinkedList<Worker> = new LinkedList();
  /** Ready workers with tasks that could take more when they were last looked at. */
  readonly hungry: LinkedList<Worker> = new LinkedList();
  /** Workers that overrun while tasks wait behind: these go to whoever can take them. */
  readonly overrunning: Set<Worker> = new Set();
  /** Those of them that began to in this turn. */
  readonly newlyOverrunning: Worker[] = [];
  /** Workers that became idle in this turn. */
  readonly newlyIdle: Worker[] = [];
  /** Ready workers with tasks. */
  busy = 0;
  /** Handed tasks that are not the first of their worker's. */
  unstarted = 0;
  /** Handed tasks that wait for tasks which they submitted to this pool: each lends its place to one of these. */
  lending = 0;
  /** Whether a worker was ever needed: until then not even `minWorkers` are started. */
  hasWorked = false;
  /** Indexes below `nextIndex` that no worker has. */
  readonly freeIndexes: number[] = [];
  nextIndex = 0;
  readonly restarts: Restarts = new Restarts();
  readonly runTimes: RunTimes = new RunTimes();
  readonly alarms: Alarms = new Alarms();
  /** Rings when a worker may be started again; the turn that it ends places tasks. */
  readonly restartAlarm: Alarm = new Alarm(() => {});
  /** When the pool's timer is set to. */
  timerAt: number = Infinity;
  readonly instructions: PoolInstruction[] = [];

  constructor(settings: PolicySettings, rings: WorkerRings) {
    this.settings = settings;
    this.rings = rings;
  }

  instruct(instruction: PoolInstruction): void {
    this.instructions.push(instruction);
  }

  /** Workers that are there to stay. */
  get staying(): number {
    return this.workers.size - this.leaving;
  }

  /** Workers that there may be. */
  get places(): number {
    return this.settings.maxWorkers + this.lending;
  }
}
