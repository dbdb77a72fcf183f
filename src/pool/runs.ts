// What was sent to one worker and has not been answered, in the order sent, which is the order in which it runs.
// Policy has the same list without the runs that were taken back; these stay here until the worker has certainly passed
// them, as their control words may not be offered again before.

import type { HeldBytes } from "../codec/boundary.ts";
import type { WireOutcome } from "../protocol/messages.ts";
import type { NearClaims } from "../transport/claims.ts";
import { decodeNote } from "../transport/outcome-notes.ts";
import type { Task } from "../policy/task.ts";
import { PoolTask } from "./pool-task.ts";

/** One attempt that a worker was sent. Nearly always the task itself. */
export interface Run {
  readonly runId: number;
  readonly slot: number;
  /** Undefined if it was taken back; a ghost if nobody waits for it. */
  readonly task: Task | undefined;
  /** What of its arguments lies in shared memory: it must stay until the worker has certainly passed the run. */
  readonly stored: readonly HeldBytes[] | undefined;
}

/** Answered runs at the front are let go of once there are so many. Smaller: more copying. */
const MOST_ANSWERED = 512;

const NOTHING: readonly never[] = [];

function letGo({ stored }: Run): void {
  for (const bytes of stored ?? NOTHING) bytes.letGo();
}

export class Runs {
  readonly #claims: NearClaims | undefined;
  readonly #runs: (Run | undefined)[] = [];
  /** The first that has not been answered. */
  #head = 0;
  /** The sequence number of `#runs[0]`. */
  #base = 0;

  constructor(claims: NearClaims | undefined) {
    this.#claims = claims;
  }

  get isEmpty(): boolean {
    return this.#head === this.#runs.length;
  }

  /** Whether its worker has begun the last one: there is nothing left for it to do after that. */
  get lastHasBegun(): boolean {
    const last = this.#runs.at(-1);
    return last !== undefined && this.hasBegun(last, false);
  }

  /** Called before the message is sent: the worker may begin at once. */
  add(task: PoolTask, runId: number): void {
    task.runId = runId;
    task.slot = this.#claims?.offer() ?? -1;
    task.sequence = this.#base + this.#runs.length;
    this.#runs.push(task);
    for (const bytes of task.stored ?? NOTHING) bytes.hold();
  }

  /** The message of the last `count` runs could not be sent. */
  removeLast(count: number): void {
    for (let removed = 0; removed < count; removed += 1) {
      const run = this.#runs.pop();
      if (run === undefined) continue;
      letGo(run);
      this.#release(run);
    }
  }

  /** The oldest run that policy knows of. */
  first(): Run | undefined {
    for (let at = this.#head; at < this.#runs.length; at += 1) {
      const run = this.#runs[at];
      if (run?.task !== undefined) return run;
    }
    return undefined;
  }

  /** The run that a worker speaks of; undefined if it is over. */
  find(runId: number): Run | undefined {
    for (let at = this.#head; at < this.#runs.length; at += 1) {
      const run = this.#runs[at];
      if (run !== undefined && run.runId >= runId) return run.runId === runId ? run : undefined;
    }
    return undefined;
  }

  /**
   * The worker has answered this run, so it has passed all before it: `skipped` gets those of them that it never answered.
   * Undefined if the run is over already.
   */
  answer(runId: number, skipped: Run[]): Run | undefined {
    const last = this.#runs.at(-1);
    if (last === undefined || last.runId < runId) return undefined;
    for (let run = this.#runs[this.#head]; run !== undefined && run.runId <= runId; run = this.#runs[this.#head]) {
      this.#pass();
      letGo(run);
      this.#release(run);
      if (run.runId === runId) return run;
      if (run.task !== undefined) skipped.push(run);
    }
    return undefined;
  }

  /** Whether the worker will never run the task. If so it is in no place now. */
  takeBack(task: PoolTask): boolean {
    if (task.slot < 0 || this.#claims?.takeBack(task.slot) !== true) return false;
    this.#runs[task.sequence - this.#base] = { runId: task.runId, slot: task.slot, task: undefined, stored: task.stored };
    task.slot = -1;
    return true;
  }

  /** Takes back what has not begun, from the last on. */
  takeBackLast(atMost: number): PoolTask[] {
    const taken: PoolTask[] = [];
    for (let at = this.#runs.length - 1; at >= this.#head && taken.length < atMost; at -= 1) {
      const run = this.#runs[at];
      if (!(run instanceof PoolTask)) continue;
      // What has moved to the worker cannot be sent to another; and if one has begun, so have all before it.
      if (run.traits.sendOnce || !this.takeBack(run)) break;
      taken.push(run);
    }
    return taken;
  }

  /** Also of a task that was just taken back: its control word is not free yet. */
  replace(task: PoolTask, ghost: Task): void {
    const at = task.sequence - this.#base;
    this.#runs[at] = { runId: task.runId, slot: this.#runs[at]?.slot ?? -1, task: ghost, stored: task.stored };
    task.slot = -1;
  }

  /** Whether the worker has begun a later one, so that this one has ended and its outcome is on its way. */
  hasPassed(task: PoolTask): boolean {
    for (let at = task.sequence - this.#base + 1; at < this.#runs.length; at += 1) {
      const run = this.#runs[at];
      if (run?.task !== undefined) return this.hasBegun(run, false);
    }
    return false;
  }

  runOf(task: Task): Run | undefined {
    return this.#runs.slice(this.#head).find((run) => run?.task === task);
  }

  /** How many of the runs that policy knows of have begun. */
  countBegun(): number {
    let begun = 0;
    for (let at = this.#head; at < this.#runs.length; at += 1) {
      const run = this.#runs[at];
      if (run?.task === undefined) continue;
      if (!this.hasBegun(run, begun === 0)) break;
      begun += 1;
    }
    return begun;
  }

  /** Outcomes that the worker, which has ended, had not sent: each was noted with the task that it began next. */
  unsentOutcomes(): WireOutcome[] {
    const found: WireOutcome[] = [];
    for (let at = this.#head; at < this.#runs.length; at += 1) {
      const run = this.#runs[at];
      if (run === undefined || run.slot < 0 || this.#claims?.hasBegun(run.slot) !== true) continue;
      const note = this.#claims.noteOf(run.slot);
      if (note !== undefined) found.push(decodeNote(note));
    }
    return found;
  }

  /** Outcomes that the worker, which is at something else, holds back: those before which nothing is missing that a message may be bringing. */
  heldBackOutcomes(): WireOutcome[] {
    const found: WireOutcome[] = [];
    let before: Run | undefined;
    for (let at = this.#head; at < this.#runs.length; at += 1) {
      const run = this.#runs[at];
      if (run?.task === undefined) continue;
      if (run.slot < 0 || this.#claims?.hasBegun(run.slot) !== true) break;
      if (before !== undefined) {
        const note = this.#claims.noteOf(run.slot);
        const outcome = note && decodeNote(note);
        if (outcome?.[0] !== before.runId) break;
        found.push(outcome);
      }
      before = run;
    }
    return found;
  }

  /** The run at this place of those that policy knows of. */
  at(place: number): Run | undefined {
    return this.#runs.slice(this.#head).filter((run) => run?.task !== undefined)[place];
  }

  /** Aborts what the running task can see without waiting for a message. */
  abort(run: Run): void {
    if (run.slot >= 0) this.#claims?.abort(run.slot);
  }

  /** Without a control word the first one counts as begun: a worker answers each task before it begins the next. */
  hasBegun(run: Run, isFirst = true): boolean {
    return run.slot >= 0 && this.#claims !== undefined ? this.#claims.hasBegun(run.slot) : isFirst;
  }

  #release(run: Run): void {
    if (run.slot < 0) return;
    this.#claims?.release(run.slot);
    // A task that is sent again must not be taken for one that this worker still has.
    if (run instanceof PoolTask) run.slot = -1;
  }

  /** The worker has exited. */
  close(): void {
    for (const run of this.#runs) {
      if (run !== undefined) letGo(run);
      if (run instanceof PoolTask) run.slot = -1;
    }
    this.#runs.length = 0;
    this.#head = 0;
  }

  #pass(): void {
    this.#runs[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#runs.length) this.#forgetAnswered(this.#head);
    else if (this.#head >= MOST_ANSWERED && this.#head * 2 > this.#runs.length) this.#forgetAnswered(this.#head);
  }

  #forgetAnswered(count: number): void {
    // Mostly one, of one: cutting it off would make an array of it.
    if (count === this.#runs.length) while (this.#runs.length > 0) this.#runs.pop();
    else this.#runs.splice(0, count);
    this.#base += count;
    this.#head = 0;
  }
}
