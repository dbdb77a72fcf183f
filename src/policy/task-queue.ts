// The tasks that wait for a worker: higher priority first, and within a priority in the order submitted.

import { Heap } from "./heap.ts";
import type { HeapMember } from "./heap.ts";
import { LinkedList } from "./linked-list.ts";
import type { Task } from "./task.ts";

/** The tasks of one priority. In the heap exactly while it has tasks. */
class Lane extends LinkedList<Task> implements HeapMember {
  position = -1;
  readonly priority: number;

  constructor(priority: number) {
    super();
    this.priority = priority;
  }
}

export class TaskQueue {
  /** Nearly every task has the priority 0: its lane is kept at hand. */
  readonly #usual = new Lane(0);
  readonly #others = new Map<number, Lane>();
  readonly #lanes = new Heap<Lane>((a, b) => a.priority > b.priority);
  length = 0;
  /** Whether any task ever had another priority than the usual one. */
  hasPriorities = false;

  get first(): Task | undefined {
    return this.#lanes.first?.first;
  }

  append(task: Task): void {
    this.#entered(this.#laneOf(task)).append(task);
  }

  /** To the front of its priority: for a task that had its turn before. */
  prepend(task: Task): void {
    this.#entered(this.#laneOf(task)).prepend(task);
  }

  remove(task: Task): void {
    const lane = task.list as Lane;
    lane.remove(task);
    this.length -= 1;
    if (lane.length > 0) return;
    this.#lanes.remove(lane);
    this.#others.delete(lane.priority);
  }

  *[Symbol.iterator](): Generator<Task> {
    const lanes = [...this.#lanes.members()].sort((a, b) => b.priority - a.priority);
    for (const lane of lanes) yield* lane;
  }

  #laneOf(task: Task): Lane {
    const priority = task.traits.priority;
    if (priority === 0) return this.#usual;
    this.hasPriorities = true;
    let lane = this.#others.get(priority);
    if (lane === undefined) this.#others.set(priority, (lane = new Lane(priority)));
    return lane;
  }

  #entered(lane: Lane): Lane {
    this.length += 1;
    if (lane.length === 0) this.#lanes.add(lane);
    return lane;
  }
}
