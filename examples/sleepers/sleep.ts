import { setTimeout as wait } from "node:timers/promises";

/** Waits, as for an answer, and says from when to when, in milliseconds of a clock that all workers share. */
export async function sleep(milliseconds: number): Promise<[from: number, to: number]> {
  const from = Date.now();
  await wait(milliseconds);
  return [from, Date.now()];
}
