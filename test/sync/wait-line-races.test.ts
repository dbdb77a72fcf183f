// Every race of the line, one after another: an operation of one thread is stopped before each of its steps on shared
// memory in turn. There other threads act, or the thread dies. Afterwards everybody who is alive must still be served.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { LINE_WORDS, ticketOf, TURN, WaitLine } from "#dure/sync/wait-line.js";

const STEPS = ["load", "store", "compareExchange"] as const;
const originals = Object.fromEntries(STEPS.map((name) => [name, Atomics[name]])) as Pick<typeof Atomics, (typeof STEPS)[number]>;

class Died extends Error {}

/** Calls `interrupt` before step number `at` of the line's operations; returns how many steps there were. */
function interrupted(operation: () => void, at: number, interrupt: (step: string) => void): number {
  let count = 0;
  let isInside = false;
  for (const name of STEPS) {
    const step = (...args: unknown[]): unknown => {
      if (!isInside && count++ === at) {
        isInside = true;
        try {
          interrupt(name);
        } finally {
          isInside = false;
        }
      }
      return Reflect.apply(originals[name], Atomics, args);
    };
    Object.assign(Atomics, { [name]: step });
  }
  try {
    operation();
  } finally {
    Object.assign(Atomics, originals);
  }
  return count;
}

afterEach(() => void Object.assign(Atomics, originals));

/** Threads in a line: what each knows of its own ticket. */
class Threads {
  readonly dead = new Set<number>();
  readonly line = new WaitLine(new Int32Array(new SharedArrayBuffer(LINE_WORDS * 4)), {
    isAlive: (who) => !this.dead.has(who),
    wake: () => {},
    wakeAll: () => {},
  });
  readonly waiting = new Map<number, number>();
  /** Each turn that was had, by whom. */
  readonly turns: number[] = [];
  holder: number | undefined;

  take(who: number): void {
    const taken = this.line.take(who, false);
    if (taken >= TURN) this.#hold(who);
    else this.waiting.set(who, ticketOf(taken));
  }

  claim(who: number): void {
    const ticket = this.waiting.get(who);
    if (ticket === undefined || this.line.claim(ticket) === 0) return;
    this.waiting.delete(who);
    this.#hold(who);
  }

  withdraw(who: number): void {
    const ticket = this.waiting.get(who);
    if (ticket !== undefined && this.line.withdraw(ticket)) this.waiting.delete(who);
    else this.claim(who);
  }

  pass(who: number): void {
    if (this.holder !== who) return;
    this.holder = undefined;
    this.line.pass(false);
  }

  die(who: number): void {
    this.vanish(who);
    this.line.settle();
  }

  /** Dies, and nobody has noticed yet. */
  vanish(who: number): void {
    this.dead.add(who);
    this.waiting.delete(who);
    if (this.holder === who) this.holder = undefined;
  }

  #hold(who: number): void {
    assert.equal(this.holder, undefined, `${who} has the turn beside ${this.holder}`);
    this.holder = who;
    this.turns.push(who);
  }

  /** Serves all that are left; afterwards the line must be as new. */
  drain(): void {
    for (let rounds = 0; rounds < 20; rounds += 1) {
      // Everybody who waits looks, as everybody who is woken does.
      for (const who of [...this.waiting.keys()]) {
        this.line.settle();
        this.claim(who);
      }
      if (this.holder !== undefined) this.pass(this.holder);
    }
    assert.deepEqual([...this.waiting.keys()], [], "somebody waits for ever");
    this.line.settle();
    assert.equal(this.line.isEmpty, true);
  }
}

type Act = (threads: Threads) => void;

/** The line before the operation: thread 1 is the one that is interrupted. */
const SETTINGS: Readonly<Record<string, readonly Act[]>> = {
  "nobody in line": [],
  "another served": [(t) => t.take(2)],
  "another served, one waits": [(t) => t.take(2), (t) => t.take(3)],
  "served alone": [(t) => t.take(1)],
  "served, another waits": [(t) => t.take(1), (t) => t.take(2)],
  "served, two wait": [(t) => t.take(1), (t) => t.take(2), (t) => t.take(3)],
  "served, one gave up, one waits": [(t) => t.take(1), (t) => t.take(2), (t) => t.take(3), (t) => t.withdraw(2)],
  "served, a dead one waits, and another": [(t) => t.take(1), (t) => t.take(4), (t) => t.take(3), (t) => t.die(4)],
  waits: [(t) => t.take(2), (t) => t.take(1)],
  "waits, another behind": [(t) => t.take(2), (t) => t.take(1), (t) => t.take(3)],
  called: [(t) => t.take(2), (t) => t.take(1), (t) => t.pass(2)],
  "called, another behind": [(t) => t.take(2), (t) => t.take(1), (t) => t.take(3), (t) => t.pass(2)],
  "waits behind a dead one": [(t) => t.take(2), (t) => t.take(1), (t) => t.vanish(2)],
};

const OPERATIONS: Readonly<Record<string, Act>> = {
  take: (t) => t.waiting.has(1) || t.holder === 1 || t.take(1),
  claim: (t) => t.claim(1),
  withdraw: (t) => t.withdraw(1),
  pass: (t) => t.pass(1),
  settle: (t) => t.line.settle(),
};

/** What others do while it is interrupted. */
const INTERRUPTIONS: Readonly<Record<string, readonly Act[]>> = {
  "another comes": [(t) => t.take(5)],
  "two come": [(t) => t.take(5), (t) => t.take(6)],
  "the holder passes": [(t) => t.pass(2)],
  "the holder passes and another comes": [(t) => t.pass(2), (t) => t.take(5)],
  "all others have their turns": [(t) => t.pass(2), (t) => t.claim(3), (t) => t.pass(3)],
  "the holder dies": [(t) => t.die(2)],
  "who waits behind gives up": [(t) => t.withdraw(3), (t) => t.withdraw(2)],
  "who waits behind dies": [(t) => t.die(3)],
  "somebody settles": [(t) => t.line.settle()],
  "another comes and goes through": [
    (t) => t.pass(2),
    (t) => t.take(5),
    (t) => t.claim(5),
    (t) => t.pass(5),
    (t) => t.take(6),
    (t) => t.claim(6),
    (t) => t.pass(6),
  ],
};

function started(setting: readonly Act[]): Threads {
  const threads = new Threads();
  for (const act of setting) act(threads);
  return threads;
}

for (const [operationName, operation] of Object.entries(OPERATIONS)) {
  test(`${operationName}: whatever others do between two of its steps, everybody has their turn and nobody two at once`, () => {
    let races = 0;
    for (const [settingName, setting] of Object.entries(SETTINGS)) {
      for (const [interruptionName, interruption] of Object.entries(INTERRUPTIONS)) {
        for (let at = 0; ; at += 1) {
          const threads = started(setting);
          const expected = new Set([...threads.waiting.keys(), ...threads.turns]);
          let steps = 0;
          try {
            steps = interrupted(
              () => operation(threads),
              at,
              () => interruption.forEach((act) => act(threads)),
            );
            threads.drain();
          } catch (error) {
            throw new Error(`${settingName}; ${interruptionName}, before step ${at}`, { cause: error });
          }
          for (const who of threads.turns) expected.delete(who);
          // Who is missing has died or given up.
          for (const who of expected)
            assert.ok(threads.dead.has(who) || operationName === "withdraw" || /gave up|gives up/.test(settingName + interruptionName));
          races += 1;
          if (at >= steps) break;
        }
      }
    }
    assert.ok(races > 100, `${races} races`);
  });

  test(`${operationName}: wherever its thread dies, everybody else has their turn`, () => {
    let deaths = 0;
    for (const [settingName, setting] of Object.entries(SETTINGS)) {
      for (let at = 0; ; at += 1) {
        const threads = started(setting);
        let hasDied = false;
        try {
          interrupted(
            () => operation(threads),
            at,
            (step) => {
              // Between taking a ticket and writing it down nothing can end a thread: see `take`.
              if (operationName === "take" && step === "store") return;
              hasDied = true;
              throw new Died();
            },
          );
        } catch (error) {
          if (!(error instanceof Died)) throw error;
        }
        threads.die(1);
        try {
          threads.drain();
        } catch (error) {
          throw new Error(`${settingName}; dies before step ${at}`, { cause: error });
        }
        deaths += 1;
        // `store` steps of take are skipped, and are never the last.
        if (!hasDied && at > 12) break;
      }
    }
    assert.ok(deaths > 20, `${deaths} deaths`);
  });
}
