// Listens to the signals that tasks were given: one listener for each signal, however many tasks share it, and none
// once the last of them has ended.

interface Watched {
  readonly tasks: Set<object>;
  readonly stop: () => void;
}

export class SignalWatch<T extends object> {
  readonly #watched = new Map<AbortSignal, Watched>();
  readonly #aborted: (task: T, reason: unknown) => void;

  /** `aborted` is called for each task of a signal that aborts. */
  constructor(aborted: (task: T, reason: unknown) => void) {
    this.#aborted = aborted;
  }

  add(signal: AbortSignal, task: T): void {
    let watched = this.#watched.get(signal);
    if (watched === undefined) this.#watched.set(signal, (watched = this.#listen(signal)));
    watched.tasks.add(task);
  }

  remove(signal: AbortSignal, task: T): void {
    const watched = this.#watched.get(signal);
    if (watched === undefined) return;
    watched.tasks.delete(task);
    if (watched.tasks.size === 0) this.#stop(signal, watched);
  }

  #listen(signal: AbortSignal): Watched {
    const tasks = new Set<T>();
    const onAbort = (): void => {
      this.#watched.delete(signal);
      // The last first: a worker that is told to stop its task begins the next one, unless that has been taken back by then.
      for (const task of [...tasks].reverse()) this.#aborted(task, signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    return { tasks, stop: () => signal.removeEventListener("abort", onAbort) };
  }

  #stop(signal: AbortSignal, watched: Watched): void {
    watched.stop();
    this.#watched.delete(signal);
  }
}
