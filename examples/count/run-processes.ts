// Five processes that each add the numbers below ten million, as with Python's multiprocessing.Process.
import { deepEqual } from "node:assert/strict";
import { Process } from "dure";
import { count } from "./count.ts";

const start = performance.now();
const workers = Array.from({ length: 5 }, () => new Process(count, [10_000_000]));
for (const worker of workers) worker.start();
for (const worker of workers) await worker.join();
const sums = await Promise.all(workers.map((worker) => worker.result));
const seconds = (performance.now() - start) / 1000;

deepEqual(sums, Array(5).fill(49_999_995_000_000));
deepEqual(
  workers.map((worker) => worker.exitCode),
  [0, 0, 0, 0, 0],
);
console.log(`Took ${seconds.toFixed(3)} seconds`);
