// What does a lock cost: acquiring and releasing it alone, and handing it over between two threads that both want it?
// The serial line does the same work without a lock. Results are checked: no addition may be lost.
//
//   npm run bench -- locks [--turns=5] [--json]

import { strictEqual } from "node:assert/strict";
import { parseArgs } from "node:util";
import workers from "node:worker_threads";
import { ThreadPoolExecutor } from "dure";
import { Lock } from "dure/sync";
import { machine, median, print } from "./report.ts";

const { values: options } = parseArgs({ options: { turns: { type: "string", default: "5" }, json: { type: "boolean", default: false } } });

const TURNS = Number(options.turns);
const ALONE = 200_000;
const TOGETHER = 300_000;

/** How many threads have arrived, and how many are expected: all begin together. */
interface Start {
  readonly arrived: Int32Array;
  readonly threads: number;
}

function meet({ arrived, threads }: Start): void {
  Atomics.add(arrived, 0, 1);
  while (Atomics.load(arrived, 0) < threads);
}

/** Words of the total: the sum, who added last, and how often that was somebody else than before. */
function add(total: Int32Array): void {
  total[0] = (total[0] ?? 0) + 1;
  if (total[1] === workers.threadId) return;
  total[1] = workers.threadId;
  total[2] = (total[2] ?? 0) + 1;
}

/** Each returns milliseconds, measured where it runs. */
const work = {
  async none(_lock: Lock, total: Int32Array, times: number, start: Start): Promise<number> {
    meet(start);
    const began = performance.now();
    for (let time = 0; time < times; time += 1) add(total);
    return performance.now() - began;
  },
  async acquireSync(lock: Lock, total: Int32Array, times: number, start: Start): Promise<number> {
    meet(start);
    const began = performance.now();
    for (let time = 0; time < times; time += 1) {
      const guard = lock.acquireSync();
      add(total);
      guard.release();
    }
    return performance.now() - began;
  },
  async acquire(lock: Lock, total: Int32Array, times: number, start: Start): Promise<number> {
    meet(start);
    const began = performance.now();
    for (let time = 0; time < times; time += 1) {
      const guard = await lock.acquire();
      add(total);
      guard.release();
    }
    return performance.now() - began;
  },
};

interface Row {
  readonly what: string;
  readonly nanoseconds: number;
  /** Of all acquisitions, the share before which another thread had the lock: on a machine without a core for each thread they take turns less. */
  readonly handedOver: number;
}

await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });

/** Nanoseconds for each acquisition, of all that `threads` threads make. */
async function measure(what: string, kind: keyof typeof work, threads: number, times: number): Promise<Row> {
  const results: number[] = [];
  const handedOver: number[] = [];
  for (let turn = 0; turn <= TURNS; turn += 1) {
    const lock = new Lock();
    const total = new Int32Array(new SharedArrayBuffer(12));
    const start: Start = { arrived: new Int32Array(new SharedArrayBuffer(4)), threads };
    const durations = await Promise.all(Array.from({ length: threads }, () => pool.submit(work[kind], lock, total, times, start)));
    strictEqual(total[0], threads * times);
    // The first warms up.
    if (turn === 0) continue;
    results.push((Math.max(...durations) * 1e6) / (threads * times));
    handedOver.push((total[2] ?? 0) / (threads * times));
  }
  return { what, nanoseconds: median(results), handedOver: median(handedOver) };
}

const rows = [
  await measure("no lock, one thread", "none", 1, ALONE),
  await measure("acquireSync, one thread", "acquireSync", 1, ALONE),
  await measure("acquire, one thread", "acquire", 1, ALONE),
  await measure("acquireSync, two threads", "acquireSync", 2, TOGETHER),
  await measure("acquire, two threads", "acquire", 2, TOGETHER),
];
print(options.json, { machine: machine(), turns: TURNS, rows }, [
  `Acquiring a lock, adding to a shared total and releasing it; medians of ${TURNS} turns, totals checked. ${machine()}`,
  ...rows.map(
    ({ what, nanoseconds, handedOver }) =>
      `${what.padEnd(28)}${`${Math.round(nanoseconds).toLocaleString("en")} ns`.padStart(12)}${`${Math.round(handedOver * 100)} % handed over`.padStart(20)}`,
  ),
]);
