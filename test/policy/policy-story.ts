// Tells a pool's policy what happens and shows what it answers as short lines, so that a race is a test of a few lines.
// After every event the state is checked for contradictions.

import assert from "node:assert/strict";
import type { PoolEvent } from "#dure/policy/events.js";
import type { PoolInstruction } from "#dure/policy/instructions.js";
import { findContradiction } from "#dure/policy/invariants.js";
import { PoolPolicy } from "#dure/policy/pool-policy.js";
import type { PolicySettings } from "#dure/policy/pool-state.js";
import { PLAIN_TRAITS, Task, type TaskTraits } from "#dure/policy/task.js";
import type { Worker } from "#dure/policy/worker.js";

export const SETTINGS: PolicySettings = {
  maxWorkers: 2,
  minWorkers: 0,
  idleTimeout: Infinity,
  maxQueue: Infinity,
  maxTasksPerWorker: Infinity,
  maxMemoryPerWorker: Infinity,
  hasInitializer: false,
  breaksOnDeath: false,
  abortGrace: 100,
  stopGrace: 5_000,
  slots: 256,
  isInThread: false,
};

/** Instructions that tests of something else leave out. */
type Silenced = "hold" | "timer" | "running" | "notes";

export class Story {
  readonly policy: PoolPolicy;
  now = 0;
  readonly #tasks = new Map<string, Task>();
  readonly #names = new Map<Task, string>();
  readonly #workers = new Map<number, Worker>();
  readonly #silenced: ReadonlySet<Silenced>;

  constructor(settings: Partial<PolicySettings> = {}, silenced: readonly Silenced[] = ["hold", "timer", "running", "notes"]) {
    this.policy = new PoolPolicy({ ...SETTINGS, ...settings });
    this.#silenced = new Set(silenced);
  }

  /** Submits tasks of one function, named by the letters of `names`. */
  submit(names: string, traits: Partial<TaskTraits> = {}, { key = "f", parent }: { key?: string; parent?: string } = {}): string[] {
    const shared = { ...PLAIN_TRAITS, ...traits };
    return names.split("").flatMap((name) => {
      const task = new Task(this.policy.runTimeOf(key), shared);
      this.#tasks.set(name, task);
      this.#names.set(task, name);
      return this.tell({ type: "taskSubmitted", task, parent: parent === undefined ? undefined : this.task(parent) });
    });
  }

  expected(): string[] {
    return this.tell({ type: "taskExpected" });
  }

  /** Submits, and ends the turn. */
  submitted(names: string, traits?: Partial<TaskTraits>, more?: { key?: string; parent?: string }): string[] {
    return [...this.submit(names, traits, more), ...this.turn()];
  }

  turn(goesOn = false): string[] {
    return this.tell({ type: "turnEnded", goesOn });
  }

  ready(index: number, hasClaims = true): string[] {
    return [...this.tell({ type: "workerReady", worker: this.worker(index), hasClaims }), ...this.turn()];
  }

  /** The tasks named finish, one message tells it, and the turn ends. */
  finished(names: string, { ms = 10, ok = true, memory, goesOn = false }: { ms?: number; ok?: boolean; memory?: number; goesOn?: boolean } = {}): string[] {
    const tasks = names.split("").map((name) => this.task(name));
    const worker = tasks[0]?.worker as Worker;
    return [
      ...tasks.flatMap((task) => this.tell({ type: "taskFinished", task, ok, durationMs: ms })),
      ...this.tell({ type: "workerReported", worker, memory }),
      ...this.turn(goesOn),
    ];
  }

  /** The task named, aborted before, returns at last. */
  ghostFinished(name: string, index: number): string[] {
    const worker = this.worker(index);
    const ghost = [...worker.handed].find((task) => task.ghostOf === this.task(name)) as Task;
    return [
      ...this.tell({ type: "taskFinished", task: ghost, ok: false, durationMs: 1 }),
      ...this.tell({ type: "workerReported", worker, memory: undefined }),
      ...this.turn(),
    ];
  }

  exited(index: number, begun = 0): string[] {
    return [...this.tell({ type: "workerExited", worker: this.worker(index), begun }), ...this.turn()];
  }

  /** The tasks named have ended, as the notes of a worker tell that has long been at another. */
  noted(index: number, names: string, { ms = 10 }: { ms?: number } = {}): string[] {
    return [
      ...names.split("").flatMap((name) => this.tell({ type: "taskFinished", task: this.task(name), ok: true, durationMs: ms })),
      ...this.tell({ type: "notesRead", worker: this.worker(index) }),
      ...this.turn(),
    ];
  }

  takenBack(index: number, names: string): string[] {
    return [...this.tell({ type: "tasksTakenBack", worker: this.worker(index), tasks: names.split("").map((name) => this.task(name)) }), ...this.turn()];
  }

  /** Its worker is about to load modules for the sake of the task named. */
  loading(name: string): string[] {
    const task = this.task(name);
    return this.tell({ type: "workerLoading", worker: task.worker as Worker, task });
  }

  aborted(name: string, { mayRetry = false, hasPassed = false }: { mayRetry?: boolean; hasPassed?: boolean } = {}): string[] {
    return [...this.tell({ type: "taskAborted", task: this.task(name), mayRetry, hasPassed }), ...this.turn()];
  }

  withdrawn(name: string): string[] {
    return [...this.tell({ type: "taskWithdrawn", task: this.task(name), takenBack: this.task(name).place === "handed" }), ...this.turn()];
  }

  lookedAt(name: string, hasBegun: boolean): string[] {
    return [...this.tell({ type: "taskLookedAt", task: this.task(name), hasBegun }), ...this.turn()];
  }

  retried(name: string, delayMs: number | undefined): string[] {
    return [...this.tell({ type: "retryDecided", task: this.task(name), delayMs }), ...this.turn()];
  }

  passed(ms: number): string[] {
    this.now += ms;
    return [...this.tell({ type: "timePassed" }), ...this.turn()];
  }

  shutdown(cancelPending = false): string[] {
    return [...this.tell({ type: "shutdownRequested", cancelPending }), ...this.turn()];
  }

  terminated(): string[] {
    return [...this.tell({ type: "terminateRequested" }), ...this.turn()];
  }

  /** `count` workers are ready and idle, and tasks of the function `key` are known to take `ms`. */
  static withWorkers(
    count: number,
    { ms, hasClaims = true, settings = {} }: { ms?: number; hasClaims?: boolean; settings?: Partial<PolicySettings> } = {},
  ): Story {
    const story = new Story({ maxWorkers: count, ...settings });
    const names = "ABCDEFGH".slice(0, count).split("");
    story.submitted(names.join(""));
    for (let index = 0; index < count; index += 1) story.ready(index, hasClaims);
    for (const name of names)
      if (ms !== undefined) story.finished(name, { ms });
      else if (settings.isInThread === true) story.withdrawn(name);
      else story.passedOver(name);
    return story;
  }

  /** The first task of a worker is withdrawn before it has begun, and the worker says that it has passed it. */
  passedOver(name: string): string[] {
    const { index } = this.task(name).worker as Worker;
    return [...this.withdrawn(name), ...this.ghostFinished(name, index)];
  }

  tell(event: PoolEvent): string[] {
    const lines = this.policy.handle(event, this.now).flatMap((instruction) => this.#note(instruction));
    // The tasks of one message end one by one; their worker is looked at when all have.
    if (event.type !== "taskFinished") assert.equal(findContradiction(this.policy.state), undefined);
    return lines;
  }

  task(name: string): Task {
    return this.#tasks.get(name) as Task;
  }

  worker(index: number): Worker {
    return this.#workers.get(index) as Worker;
  }

  #note(instruction: PoolInstruction): string[] {
    if (instruction.type === "startWorker") this.#workers.set(instruction.worker.index, instruction.worker);
    if (instruction.type === "dispatch") assert.equal(instruction.worker.state, "ready", "only a ready worker is given tasks");
    return this.#isSilenced(instruction) ? [] : [this.#describe(instruction)];
  }

  #isSilenced({ type }: PoolInstruction): boolean {
    switch (type) {
      case "holdWorker":
      case "releaseWorker":
        return this.#silenced.has("hold");
      case "setTimer":
      case "clearTimer":
        return this.#silenced.has("timer");
      case "markRunning":
      case "leaveGhost":
        return this.#silenced.has("running");
      case "readNotes":
        return this.#silenced.has("notes");
      default:
        return false;
    }
  }

  #describe(instruction: PoolInstruction): string {
    const words: string[] = [instruction.type];
    if ("worker" in instruction) words.push(String(instruction.worker.index));
    if ("tasks" in instruction) words.push(instruction.tasks.map((task) => this.#names.get(task)).join(""));
    if ("task" in instruction) words.push(this.#names.get(instruction.task) ?? "?");
    if ("atMost" in instruction) words.push(String(instruction.atMost));
    if ("reason" in instruction) words.push(instruction.reason);
    if ("limit" in instruction) words.push(instruction.limit);
    if ("at" in instruction) words.push(String(instruction.at));
    return words.join(" ");
  }
}
