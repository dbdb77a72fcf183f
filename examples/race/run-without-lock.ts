// Two threads add to one shared total. Each reads it, adds 1 and writes it back; what the other one wrote in between is lost.
import { ok } from "node:assert/strict";
import { ThreadPoolExecutor } from "dure";
import { addWithoutLock } from "./add.ts";

const TIMES = 20_000_000;
const total = new Int32Array(new SharedArrayBuffer(4));
const arrived = new Int32Array(new SharedArrayBuffer(4));

await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
await pool.starmap(addWithoutLock, [
  [total, TIMES, arrived],
  [total, TIMES, arrived],
]);

const expected = 2 * TIMES;
const lost = expected - (total[0] ?? 0);
ok(lost >= 0 && lost < expected);
console.log(`${expected} additions, ${lost} of them lost`);
