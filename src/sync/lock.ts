// A lock that threads share: one holder at a time, in the order in which they asked. README.md has the design.

import { isMainThread } from "node:worker_threads";
import { registerSharedClass } from "../codec/reducers.ts";
import { abortSignal, milliseconds, ofType, optionChecker, shown } from "../contract/check-options.ts";
import { AbandonedLockError, CancelledError, InvalidStateError, TimeoutError, UnsupportedError } from "../contract/errors.ts";
import { currentTask, onTaskEnd, type TaskContext } from "../contract/task-context.ts";
import { abandon, LockGuard, type GuardedLock } from "./lock-guard.ts";
import { LockWaiter } from "./lock-waiter.ts";
import { participantHere, participantIn, type Participant, type Watcher } from "./participant.ts";
import { LINE_WORDS, NO_PLACE, AFTER_ABANDONED, ticketOf, TURN, WaitLine } from "./wait-line.ts";

/** What a lock is made with. */
export interface LockOptions {
  /** For error messages. Default `"lock"`. */
  readonly name?: string | undefined;
}

/** What `acquire` takes. */
export interface AcquireOptions {
  /** Milliseconds to wait at most. 0 or more; 0: only if it is free. Default: no limit. */
  readonly timeout?: number | undefined;
  /** Gives the wait up: `acquire` rejects with `signal.reason`. In a task its own signal does the same. */
  readonly signal?: AbortSignal | undefined;
}

/** What `acquireSync` takes. */
export interface AcquireSyncOptions {
  /** Milliseconds to wait at most. 0 or more; 0: only if it is free. Default: no limit. */
  readonly timeout?: number | undefined;
}

/** A lock as what `postMessage` and `workerData` carry. For `Lock.from`, nothing else. */
export interface LockHandle {
  /** What it is, and in which form. */
  readonly type: "dure.Lock.1";
  /** The lock's name. */
  readonly name: string;
  /** The lock's own memory. */
  readonly memory: SharedArrayBuffer;
  /** The memory in which threads find each other. */
  readonly roster: SharedArrayBuffer;
}

/** What a lock's guards, its thread and its tasks tell it. */
interface Inside extends GuardedLock, Watcher {
  /** The task has ended. */
  forgetTask(task: TaskContext): void;
}

const TYPE = "dure.Lock.1";

// Words of a lock's memory: a number that no other lock of its roster has, and the line.
const ID = 0;
const LINE = 1;
const LOCK_SIZE = (LINE + LINE_WORDS) * Int32Array.BYTES_PER_ELEMENT;

/** Looks before a blocked thread sleeps: about two microseconds. Smaller: short waits cost a sleep. Larger: long ones burn a core that the holder may need. */
const LOOKS_BEFORE_SLEEP = 200;

const lockOptions = optionChecker<LockOptions>({ name: ofType("string") });
const timeoutCheck = milliseconds({ aboveZero: false });
const acquireOptions = optionChecker<AcquireOptions>({ timeout: timeoutCheck, signal: abortSignal });
const acquireSyncOptions = optionChecker<AcquireSyncOptions>({ timeout: timeoutCheck });

/**
 * A lock that threads share: whoever has acquired it is alone until it is released.
 *
 * It crosses to threads as an argument or a captured variable, and stays the same lock there; it works between the tasks of
 * one thread, too. Whoever waits longest has it next. It is not re-entrant: who holds it and acquires it again waits for
 * itself. If a holder ends without releasing it (its thread was terminated or crashed, its task returned), the next one
 * gets an {@link AbandonedLockError}. Processes cannot share it yet.
 *
 * @example
 * ```ts
 * const lock = new Lock();
 * const total = new Float64Array(new SharedArrayBuffer(8));
 * const add = async (amount: number) => {
 *   using guard = await lock.acquire();
 *   total[0] += amount;
 * };
 * await pool.map(add, amounts);
 * ```
 *
 * @throws {TypeError} If an option is unknown or not what it must be.
 */
export class Lock {
  readonly #handle: LockHandle;
  readonly #participant: Participant;
  readonly #line: WaitLine;
  /** The acquisition that holds it, if it is one of this thread. */
  #held: LockGuard | undefined;
  /** Those of this thread who wait without blocking it, by age: those without a place come last. */
  readonly #waiters: LockWaiter[] = [];
  readonly #inside: Inside = {
    end: (guard, isAbandoned) => this.#end(guard, isAbandoned),
    look: () => this.#look(),
    forgetTask: (task) => this.#forgetTask(task),
  };

  constructor(options?: LockOptions) {
    this.#handle = isHandle(options) ? options : newHandle(lockOptions.check(options, "Cannot create the lock").name ?? "lock");
    this.#participant = participantIn(this.#handle.roster);
    this.#line = new WaitLine(new Int32Array(this.#handle.memory, LINE * Int32Array.BYTES_PER_ELEMENT), this.#participant.roster);
    remember(this);
  }

  /**
   * The lock that a handle is of, which another thread has sent.
   *
   * @throws {TypeError} If it is not a handle of a lock.
   */
  static from(handle: LockHandle): Lock {
    if (!isHandle(handle)) throw new TypeError(`Cannot take the lock from ${shown(handle)}: expected the \`handle\` of a Lock`);
    return lockOf(handle);
  }

  /** What to send to threads that are not an executor's, by `postMessage` or as `workerData`; there, `Lock.from(handle)` is this lock. */
  get handle(): LockHandle {
    return this.#handle;
  }

  /** As given. */
  get name(): string {
    return this.#handle.name;
  }

  /** Whether somebody holds it now, in this thread or another. */
  get locked(): boolean {
    this.#line.settle();
    return !this.#line.isEmpty;
  }

  /**
   * Waits for the lock without blocking the thread, and resolves to a guard that releases it.
   *
   * @example
   * ```ts
   * using guard = await lock.acquire({ timeout: 1000 });
   * ```
   *
   * @throws {TimeoutError} If it could not be had within `timeout` milliseconds. `signal.reason`, if the signal aborts, or
   *   the task's.
   * @throws {AbandonedLockError} If its last owner ended without releasing it. The lock is yours then: see there.
   * @throws {TypeError | RangeError} If an option is unknown or not what it must be.
   */
  async acquire(options?: AcquireOptions): Promise<LockGuard> {
    const { timeout = Infinity, signal } = options === undefined ? {} : acquireOptions.check(options, this.#cannot("acquire"));
    signal?.throwIfAborted();
    const task = currentTask();
    const taken = this.#take(timeout === 0);
    if (taken >= TURN) return this.#begin(taken, task);
    if (timeout === 0) throw this.#timeoutError(timeout);
    return this.#wait(new LockWaiter(taken, task), timeout, signal);
  }

  /**
   * Waits for the lock, blocking this thread: for synchronous code in workers.
   *
   * While it waits, nothing else happens in this thread: neither messages nor timers, nor others of it who wait for
   * something. The main thread must not be blocked, so there it is refused.
   *
   * @example
   * ```ts
   * using guard = lock.acquireSync();
   * ```
   *
   * @throws {UnsupportedError} On the main thread.
   * @throws {InvalidStateError} If this thread holds it: it would wait for itself.
   * @throws {TimeoutError} If it could not be had within `timeout` milliseconds.
   * @throws {AbandonedLockError} If its last owner ended without releasing it. The lock is yours then: see there.
   * @throws {TypeError | RangeError} If an option is unknown or not what it must be.
   */
  acquireSync(options?: AcquireSyncOptions): LockGuard {
    const { timeout = Infinity } = options === undefined ? {} : acquireSyncOptions.check(options, this.#cannot("acquire"));
    if (isMainThread)
      throw new UnsupportedError(
        `${this.#cannot("acquire")} with acquireSync() on the main thread, as that would block its event loop: use \`await lock.acquire()\``,
        {
          supportedBy: ["threads"],
        },
      );
    if (this.#held !== undefined)
      throw new InvalidStateError(`${this.#cannot("acquire")} with acquireSync() as this thread holds it already: it would wait for itself for ever`);
    const taken = this.#take(timeout === 0);
    if (taken < TURN && timeout === 0) throw this.#timeoutError(timeout);
    return this.#begin(taken >= TURN ? taken : this.#block(taken, timeout), currentTask());
  }

  /**
   * The lock, if nobody holds it or waits for it; otherwise `undefined`. Never waits.
   *
   * @throws {AbandonedLockError} If its last owner ended without releasing it. The lock is yours then: see there.
   */
  tryAcquire(): LockGuard | undefined {
    const taken = this.#take(true);
    return taken >= TURN ? this.#begin(taken, currentTask()) : undefined;
  }

  /**
   * Runs `fn` while it holds the lock, and gives what `fn` gives.
   *
   * @throws What `acquire` throws, and then `fn` is not run. After an {@link AbandonedLockError} the lock is released, and
   *   still counts as abandoned.
   */
  async runExclusive<R>(fn: () => R, options?: AcquireOptions): Promise<Awaited<R>> {
    const guard = await this.acquire(options).catch((error: unknown) => {
      if (error instanceof AbandonedLockError && this.#held !== undefined && this.#held === error.guard) abandon(this.#held);
      throw error;
    });
    try {
      return await fn();
    } finally {
      guard[Symbol.dispose]();
    }
  }

  /**
   * Releases the lock, as its guard does.
   *
   * @throws {InvalidStateError} If neither this thread holds it nor, in a task, this task.
   */
  release(): void {
    const guard = this.#held;
    if (guard === undefined) throw new InvalidStateError(`${this.#cannot("release")} as this thread does not hold it`);
    if (guard.task !== currentTask()) throw new InvalidStateError(`${this.#cannot("release")} as another task of this thread holds it`);
    guard.release();
  }

  // ---- taking and giving back

  /** `onlyTurn`: a ticket only if it is its turn at once. */
  #take(onlyTurn: boolean): number {
    const last = this.#waiters.at(-1);
    // Nobody who comes later may find a place before one who waits for one.
    if (last !== undefined && (onlyTurn || last.ticket === NO_PLACE)) return NO_PLACE;
    const taken = this.#line.take(this.#participant.who, onlyTurn);
    if (taken !== NO_PLACE || !onlyTurn) return taken;
    // Whoever holds it may be dead.
    this.#line.settle();
    return this.#line.take(this.#participant.who, true);
  }

  /** It is this ticket's turn. */
  #begin(turn: number, task: TaskContext | undefined): LockGuard {
    const guard = new LockGuard(this, this.#inside, task);
    this.#held = guard;
    if (task !== undefined) heldInTasks.add(guard);
    if ((turn & AFTER_ABANDONED) !== 0) throw abandonedError(guard);
    return guard;
  }

  #end(guard: LockGuard, isAbandoned: boolean): void {
    this.#held = undefined;
    if (guard.task !== undefined) heldInTasks.delete(guard);
    this.#line.pass(isAbandoned);
  }

  /** Whether a ticket could be given up, before its turn came. */
  #leave(ticket: number): boolean {
    return ticket === NO_PLACE || this.#line.withdraw(ticket);
  }

  // ---- waiting

  #wait(waiter: LockWaiter, timeout: number, signal: AbortSignal | undefined): Promise<LockGuard> {
    this.#waiters.push(waiter);
    waitedFor.add(this.#inside);
    this.#participant.watch(this.#inside);
    waiter.limit(
      { timeout, signal },
      () => this.#giveUp(waiter, this.#timeoutError(timeout)),
      (reason) => this.#giveUp(waiter, reason),
    );
    // Its turn may have come before it was watched for.
    this.#look();
    return waiter.guard;
  }

  #giveUp(waiter: LockWaiter, reason: unknown): void {
    // It has been granted meanwhile: then it has the lock, as it would otherwise be lost.
    if (!this.#leave(waiter.ticket)) return this.#look();
    this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
    this.#unwatchIfIdle();
    waiter.fail(reason);
  }

  #unwatchIfIdle(): void {
    if (this.#waiters.length > 0) return;
    waitedFor.delete(this.#inside);
    this.#participant.unwatch(this.#inside);
  }

  /** Grants the lock to whoever's turn it is in this thread, and finds places for those who have none. */
  #look(): void {
    this.#line.settle();
    this.#findPlaces();
    const first = this.#waiters[0];
    const turn = first === undefined || first.ticket === NO_PLACE ? 0 : this.#line.claim(first.ticket);
    if (first !== undefined && turn !== 0) this.#grant(first, turn);
  }

  #findPlaces(): void {
    if (this.#waiters.at(-1)?.ticket !== NO_PLACE) return;
    for (const waiter of this.#waiters) {
      if (waiter.ticket !== NO_PLACE) continue;
      const taken = this.#line.take(this.#participant.who, false);
      if (taken === NO_PLACE) return;
      waiter.ticket = ticketOf(taken);
      // The line was empty, so it is the first.
      if (taken >= TURN) return this.#grant(waiter, taken);
    }
  }

  #grant(waiter: LockWaiter, turn: number): void {
    this.#waiters.shift();
    this.#unwatchIfIdle();
    try {
      waiter.grant(this.#begin(turn, waiter.task));
    } catch (error) {
      waiter.fail(error);
    }
  }

  /** Nobody would release what it is still waiting for. */
  #forgetTask(task: TaskContext): void {
    for (const waiter of this.#waiters.filter((one) => one.task === task))
      this.#giveUp(waiter, new CancelledError(`The task ended while it waited for the lock ${JSON.stringify(this.name)}`));
  }

  // ---- blocking

  /** Sleeps until it is this thread's turn. */
  #block(taken: number, timeout: number): number {
    const { roster, who } = this.#participant;
    const end = performance.now() + timeout;
    let ticket = taken;
    for (;;) {
      const wakings = roster.wakings(who);
      this.#line.settle();
      if (ticket === NO_PLACE) ticket = this.#line.take(who, false);
      const turn = ticket >= TURN ? ticket : this.#claimFor(ticket);
      if (turn !== 0) return turn;
      const left = end - performance.now();
      if (left > 0) roster.sleep(who, wakings, left);
      else if (this.#leave(ticket)) throw this.#timeoutError(timeout);
    }
  }

  /**
   * Those of this thread who came before cannot use their turn while it is blocked: their turns are its. It takes the
   * first one's place, and each of them that of the next.
   */
  #claimFor(ticket: number): number {
    const first = this.#waiters[0];
    if (first === undefined || first.ticket === NO_PLACE) return this.#claimAfterLooking(ticket);
    const turn = this.#claimAfterLooking(first.ticket);
    if (turn !== 0) this.#waiters.forEach((waiter, index) => void (waiter.ticket = this.#waiters[index + 1]?.ticket ?? ticket));
    return turn;
  }

  #claimAfterLooking(ticket: number): number {
    if (ticket === NO_PLACE) return 0;
    for (let looks = 0; looks < LOOKS_BEFORE_SLEEP; looks += 1) if (this.#line.isCalled(ticket)) return this.#line.claim(ticket);
    return this.#line.claim(ticket);
  }

  // ---- errors

  #cannot(verb: string): string {
    return `Cannot ${verb} the lock ${JSON.stringify(this.name)}`;
  }

  #timeoutError(timeout: number): TimeoutError {
    return new TimeoutError(`${this.#cannot("acquire")}: it was not free within ${timeout} ms`, { kind: "wait", timeout });
  }
}

function abandonedError(guard: LockGuard): AbandonedLockError {
  const name = JSON.stringify(guard.lock.name);
  return new AbandonedLockError(
    `The owner of the lock ${name} ended without releasing it. You hold it now: make good what it protects, then release \`error.guard\``,
    { lock: guard.lock.name, guard },
  );
}

function newHandle(name: string): LockHandle {
  const { roster } = participantHere();
  const memory = new SharedArrayBuffer(LOCK_SIZE);
  new Int32Array(memory)[ID] = roster.nextId();
  return { type: TYPE, name, memory, roster: roster.memory };
}

function isHandle(value: unknown): value is LockHandle {
  const handle = value as Partial<LockHandle> | null | undefined;
  return typeof handle === "object" && handle?.type === TYPE && handle.memory instanceof SharedArrayBuffer && handle.roster instanceof SharedArrayBuffer;
}

// ---- one object for each lock in a thread

const locks = new Map<string, WeakRef<Lock>>();
const forgotten = new FinalizationRegistry<string>((key) => {
  if (locks.get(key)?.deref() === undefined) locks.delete(key);
});

function keyOf({ memory, roster }: LockHandle): string {
  return `${participantIn(roster).roster.identity}.${new Int32Array(memory)[ID]}`;
}

/** Not within the class: a bundler renames one that refers to itself, and its name is shown. */
function lockOf(handle: LockHandle): Lock {
  return locks.get(keyOf(handle))?.deref() ?? new Lock(handle);
}

function remember(lock: Lock): void {
  const key = keyOf(lock.handle);
  locks.set(key, new WeakRef(lock));
  forgotten.register(lock, key);
}

// ---- tasks

/** What tasks that run hold. */
const heldInTasks = new Set<LockGuard>();
/** Locks that somebody in this thread waits for. */
const waitedFor = new Set<Inside>();

onTaskEnd((task) => {
  for (const guard of heldInTasks) if (guard.task === task) abandon(guard);
  for (const lock of waitedFor) lock.forgetTask(task);
});

registerSharedClass(Lock, TYPE, { reduce: (lock) => lock.handle, revive: (handle) => Lock.from(handle) });
