// What policy knows of one worker.

import { Alarm } from "./alarms.ts";
import { LinkedList } from "./linked-list.ts";
import type { Linked } from "./linked-list.ts";
import type { Task } from "./task.ts";

/** `starting` until its initializer has run; `ready` to be given tasks; `stopping` and `killed` until it has exited or was given up. */
export type WorkerState = "starting" | "ready" | "stopping" | "killed" | "gone";

/** What happens when an alarm of a worker rings. */
export interface WorkerRings {
  leave(worker: Worker): void;
  watch(worker: Worker): void;
  grace(worker: Worker): void;
}

export class Worker implements Linked<Worker> {
  /** 0 to `maxWorkers - 1`, unique among living workers; above for those that waiting tasks lend their place to. */
  readonly index: number;
  readonly startedAt: number;
  state: WorkerState = "starting";
  /** The list of idle workers, or of hungry ones, while it is in it. */
  list: object | undefined = undefined;
  previous: Worker | undefined = undefined;
  next: Worker | undefined = undefined;
  /** In the order sent: the first runs, as best known. Ghosts included. */
  readonly handed: LinkedList<Task> = new LinkedList();
  /** What the handed tasks are expected to take together, in milliseconds. */
  expectedMs = 0;
  /** Since when the first of the handed tasks has been it, on the pool's clock. */
  firstSince = 0;
  /** Whether single tasks can be taken back from it. */
  hasClaims = false;
  /** Tasks that it may still be given before it is replaced. */
  tasksLeft: number;
  /** For the sake of which task it was last loading modules: until that begins, it may be. */
  loadingFor: Task | undefined = undefined;
  /** Its memory has grown too large, or its state is doubtful: it gets no more tasks and is replaced once it has none. */
  isRetiring = false;
  /** Outcomes of it are missing that it believes to have told: it ends when it has nothing left to do, and what is unanswered then has no outcome. */
  isAskedToEnd = false;
  /** It has long overrun what was expected, so it gets nothing more until it reports. */
  isStalled = false;
  /** Whether it keeps the program alive. */
  isHeld = false;
  /** Whether it has become idle and was not let go since. */
  isNewlyIdle = false;
  /** When to let it go for idling, or to kill it for not stopping. */
  readonly leave: Alarm;
  /** When to look whether it overruns. */
  readonly watch: Alarm;
  /** When to kill it for going on with a task that was aborted. */
  readonly grace: Alarm;

  constructor(index: number, startedAt: number, tasksLeft: number, rings: WorkerRings) {
    this.index = index;
    this.startedAt = startedAt;
    this.tasksLeft = tasksLeft;
    this.leave = new Alarm(() => rings.leave(this));
    this.watch = new Alarm(() => rings.watch(this));
    this.grace = new Alarm(() => rings.grace(this));
  }

  /** It will be given no further task. */
  get isSpent(): boolean {
    return this.isRetiring || this.tasksLeft <= 0;
  }
}
