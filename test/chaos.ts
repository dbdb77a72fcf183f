// What a test file knows of `npm run chaos`: whether its long form is wanted, and the seed of all that is random in it.

/** Whether to try everything; else what is quick and finds most. */
export const isLongForm: boolean = process.env["DURE_CHAOS"] === "1";

/** For how long the soak goes on at least, in milliseconds. */
export const SOAK_MS: number = Number(process.env["DURE_CHAOS_MINUTES"] ?? 0) * 60_000;

/** The same seed gives the same order and the same choices. */
export const SEED: number = Number(process.env["DURE_CHAOS_SEED"] ?? 1);

/** Numbers from 0 to 1 that depend on the seed and on `name` only. */
export function randomNumbers(name: string): () => number {
  let state = SEED | 0;
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** In an order that depends on the seed and on `name` only. */
export function shuffled<T>(name: string, items: readonly T[]): T[] {
  const random = randomNumbers(name);
  return items
    .map((item) => ({ item, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
