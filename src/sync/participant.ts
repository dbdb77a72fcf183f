// This thread's part in a roster: its mark, and who in it must look when it is woken.

import { clearInterval, setInterval } from "node:timers";
import { getEnvironmentData, setEnvironmentData, threadId } from "node:worker_threads";
import { Roster } from "./roster.ts";
import { onThreadEnd, parentThread } from "./thread-ends.ts";

/** Inherited by the threads that a thread starts: the roster in use. */
const ROSTER = "dure.sync.roster.1";

/** Milliseconds between the beats of a timer that is there only to keep the program alive. The longest that timers take. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Waits for its turn without blocking the thread. */
export interface Watcher {
  /** Something may have happened. */
  look(): void;
}

export class Participant {
  readonly roster: Roster;
  /** This thread's mark in lines. */
  readonly who: number;
  readonly #watchers = new Set<Watcher>();
  #isListening = false;
  #isLookDue = false;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(roster: Roster) {
    this.roster = roster;
    this.who = roster.enlist(threadId, parentThread());
    roster.setOwn(this.who, () => this.#lookSoon());
    onThreadEnd((ended) => roster.bury(ended));
  }

  /** Calls `look` whenever this thread is woken, and keeps it alive until then: nothing else may be left to wait for. */
  watch(watcher: Watcher): void {
    this.#watchers.add(watcher);
    this.#keepAlive ??= setInterval(() => {}, LONGEST_DELAY);
    this.#listen();
  }

  unwatch(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
  }

  /** One sleep for all watchers, as it cannot be taken back. */
  #listen(): void {
    if (this.#isListening || this.#watchers.size === 0) return;
    this.#isListening = true;
    void this.roster.sleepAsync(this.who, this.roster.wakings(this.who)).then(() => {
      this.#isListening = false;
      // Before looking: what happens meanwhile wakes again.
      this.#listen();
      this.#look();
    });
  }

  #lookSoon(): void {
    if (this.#isLookDue || this.#watchers.size === 0) return;
    this.#isLookDue = true;
    queueMicrotask(() => {
      this.#isLookDue = false;
      this.#look();
    });
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher.look();
  }
}

const participants = new Map<number, Participant>();

/** This thread's part in the roster with this memory. */
export function participantIn(memory: SharedArrayBuffer): Participant {
  const roster = new Roster(memory);
  const known = participants.get(roster.identity);
  if (known !== undefined) return known;
  const participant = new Participant(roster);
  participants.set(roster.identity, participant);
  return participant;
}

/** This thread's part in the roster that it shares with the threads that started it and that it starts. */
export function participantHere(): Participant {
  const shared = getEnvironmentData(ROSTER) as unknown;
  if (shared instanceof SharedArrayBuffer) return participantIn(shared);
  const { memory } = new Roster();
  setEnvironmentData(ROSTER, memory);
  return participantIn(memory);
}
