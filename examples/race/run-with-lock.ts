// Two threads add to one shared total, each with a lock around reading, adding and writing: nothing is lost.
import { equal } from "node:assert/strict";
import { ThreadPoolExecutor } from "dure";
import { Lock } from "dure/sync";
import { addWithLock } from "./add.ts";

const TIMES = 100_000;
const total = new Int32Array(new SharedArrayBuffer(4));
const arrived = new Int32Array(new SharedArrayBuffer(4));
const lock = new Lock();

await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
await pool.starmap(addWithLock, [
  [total, TIMES, arrived, lock],
  [total, TIMES, arrived, lock],
]);

equal(total[0], 2 * TIMES);
console.log(`${2 * TIMES} additions, none of them lost`);
