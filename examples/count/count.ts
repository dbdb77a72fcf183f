import workers from "node:worker_threads";

/** Adds the numbers below `limit`, and says where. */
export function count(limit: number): number {
  let sum = 0;
  for (let number = 0; number < limit; number += 1) sum += number;
  console.log(`process ${process.pid}, thread ${workers.threadId}: ${sum}`);
  return sum;
}
