// What the tasks of all contenders do. Each contender's worker file offers these functions in that contender's own way.

/** The empty task. */
export function increment(value: number): number {
  return value + 1;
}

/** A task of a fixed amount of work: the same number of steps takes the same time wherever it has a core to itself. */
export function work(steps: number): number {
  let state = 88_172_645;
  for (let step = 0; step < steps; step += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}

/** There and back. */
export function echo<T>(value: T): T {
  return value;
}

export type TaskName = "increment" | "work" | "echo" | "echoMoved";
