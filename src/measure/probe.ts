// Functions that cost nothing of their own, so that what they take is what the rung takes. They cross to workers by
// reference, which is why they have a module to themselves.

/** Gives back what it is given: the cost of moving it there and back. */
export function echo(value: unknown): unknown {
  return value;
}

/** Gives nothing back: the cost of moving it there. */
export function take(_value: unknown): void {}

/** Done once the worker has loaded `fn`, which it does not call. */
export function load(_fn: unknown): void {}
