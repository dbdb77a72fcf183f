// What policy knows of one task: what was asked for it, where it is, and how often it was tried.

import type { Alarm } from "./alarms.ts";
import type { Linked } from "./linked-list.ts";
import type { RunTime } from "./run-times.ts";
import type { Worker } from "./worker.ts";

/** What was asked for a task. Shared by all tasks of one `map`. Times in milliseconds. */
export interface TaskTraits {
  /** Higher first. */
  readonly priority: number;
  /** Tasks that travel together; `undefined`: as many as their run time suggests. */
  readonly chunkSize: number | undefined;
  /** Further attempts after a failure. */
  readonly retryLimit: number;
  /** From the start of an attempt. */
  readonly timeout: number;
  /** From submit to the first start. */
  readonly queueTimeout: number;
  /** On the pool's clock. */
  readonly deadlineAt: number;
  /** Its buffers move with it, so that it cannot be sent a second time. */
  readonly sendOnce: boolean;
}

/** A task of which nothing was asked. */
export const PLAIN_TRAITS: TaskTraits = {
  priority: 0,
  chunkSize: undefined,
  retryLimit: 0,
  timeout: Infinity,
  queueTimeout: Infinity,
  deadlineAt: Infinity,
  sendOnce: false,
};

/**
 * Where a task is: exactly one of these. `queued`: in the queue. `handed`: sent to a worker, running or about to.
 * `deciding`: it failed, and its caller's retry options are being asked. `waiting`: for its next attempt. `ended`: for good.
 */
export type TaskPlace = "new" | "queued" | "handed" | "deciding" | "waiting" | "ended";

/** What few tasks need memory for. */
class Rarities {
  /** Workers that died running it. */
  kills = 0;
  /** The task whose run this ghost is: its worker goes on with it, but nobody waits for it any more. */
  ghostOf: Task | undefined = undefined;
  /** The task of the same pool from inside which it was submitted. */
  parent: Task | undefined = undefined;
  /** Tasks that it submitted to its own pool and that have not ended. */
  children = 0;
  /** Whether it lends its place to its children: while it has any and some worker runs it. */
  isLending = false;
  /** When its wait for the first start has been too long, on the pool's clock. */
  waitsUntil: number = Infinity;
  /** The time limit now in force, for tasks that have one. */
  limit: Alarm | undefined = undefined;
}

const NOTHING_RARE: Readonly<Rarities> = Object.freeze(new Rarities());

/** Very many may be queued at once, and to the garbage collector each field of each is work: it takes half of a burst's time. */
export class Task implements Linked<Task> {
  readonly runTime: RunTime;
  readonly traits: TaskTraits;
  place: TaskPlace = "new";
  /** Its lane of the queue, or its worker's handed tasks. */
  list: object | undefined = undefined;
  previous: Task | undefined = undefined;
  next: Task | undefined = undefined;
  /** While handed. */
  worker: Worker | undefined = undefined;
  /**
   * What it was expected to take when it was handed over, in milliseconds; counted in its worker's `expectedMs`. Undefined before:
   * V8 keeps a number that may be a fraction in memory of its own, for as long as the task is queued.
   */
  expectedMs: number | undefined = undefined;
  /** Attempts begun. */
  attempts = 0;
  /** Whether the present attempt has begun, as best known. */
  hasStarted = false;
  /** Workers that have it or run an attempt of it that nobody waits for. */
  holders = 0;
  #rare: Readonly<Rarities> = NOTHING_RARE;

  constructor(runTime: RunTime, traits: TaskTraits, ghostOf?: Task) {
    this.runTime = runTime;
    this.traits = traits;
    if (ghostOf !== undefined) this.#ownRarities.ghostOf = ghostOf;
  }

  get #ownRarities(): Rarities {
    if (this.#rare === NOTHING_RARE) this.#rare = new Rarities();
    return this.#rare;
  }

  get ghostOf(): Task | undefined {
    return this.#rare.ghostOf;
  }

  get kills(): number {
    return this.#rare.kills;
  }

  set kills(kills: number) {
    this.#ownRarities.kills = kills;
  }

  get parent(): Task | undefined {
    return this.#rare.parent;
  }

  set parent(parent: Task | undefined) {
    this.#ownRarities.parent = parent;
  }

  get children(): number {
    return this.#rare.children;
  }

  set children(children: number) {
    this.#ownRarities.children = children;
  }

  get isLending(): boolean {
    return this.#rare.isLending;
  }

  set isLending(isLending: boolean) {
    this.#ownRarities.isLending = isLending;
  }

  get waitsUntil(): number {
    return this.#rare.waitsUntil;
  }

  set waitsUntil(time: number) {
    this.#ownRarities.waitsUntil = time;
  }

  get limit(): Alarm | undefined {
    return this.#rare.limit;
  }

  set limit(limit: Alarm | undefined) {
    this.#ownRarities.limit = limit;
  }
}
