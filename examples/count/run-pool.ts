// The same five tasks on two threads that a pool keeps: nothing to start, join or collect by hand.
import { deepEqual } from "node:assert/strict";
import { ThreadPoolExecutor } from "dure";
import { count } from "./count.ts";

const start = performance.now();
await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
const sums = await pool.map(count, Array<number>(5).fill(10_000_000));
const seconds = (performance.now() - start) / 1000;

deepEqual(sums, Array(5).fill(49_999_995_000_000));
console.log(`Took ${seconds.toFixed(3)} seconds`);
