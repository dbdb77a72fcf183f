// Five tasks that wait two seconds each. `node --import tsx examples/sleepers/run-serial.ts 500` waits half a second.
import { equal } from "node:assert/strict";
import * as dure from "dure";
import { sleep } from "./sleep.ts";

const MILLISECONDS = Number(process.argv[2] ?? 2_000);
await using pool = new dure.SerialExecutor();
const together = false; // one after another

const start = performance.now();
const naps = await pool.map(sleep, Array<number>(5).fill(MILLISECONDS));
const seconds = (performance.now() - start) / 1000;

naps.sort(([a], [b]) => a - b);
equal(
  naps.some(([, to], index) => to > (naps[index + 1]?.[0] ?? Infinity)),
  together,
);
console.log(`Five times ${MILLISECONDS / 1000} seconds of waiting took ${seconds.toFixed(3)} seconds`);
