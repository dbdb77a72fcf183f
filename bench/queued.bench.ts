// What does a task that waits take of the caller's memory, beside its arguments? Bytes of JavaScript's heap, after garbage has
// been collected: of the futures alone, awaited by Promise.all, and awaited by an async function each, which takes memory of its
// own. Beside promises that nobody awaits any other way: what any pool takes that hands out one for each.
//
//   npm run bench -- queued [--tasks=10000] [--json] [--base REV]

import { strictEqual } from "node:assert/strict";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { currentTask, ProcessPoolExecutor, ThreadPoolExecutor, type Executor } from "dure";
import { machine, print } from "./report.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const { values: options } = parseArgs({ options: { tasks: { type: "string", default: "10000" }, json: { type: "boolean", default: false } } });
const count = Number(options.tasks);

const WORKERS = 2;

const increment = (x: number): number => x + 1;
const hold = (): Promise<void> => new Promise((resolve) => currentTask()?.signal.addEventListener("abort", () => resolve()));

type Submit = (index: number) => PromiseLike<number>;

/** Each submits all, and gives back what tells the results. */
const WAYS: Readonly<Record<string, (submit: Submit) => () => Promise<number[]>>> = {
  "not awaited": (submit) => {
    const futures = Array.from({ length: count }, (_, index) => submit(index));
    return () => Promise.all(futures);
  },
  "Promise.all": (submit) => {
    const results = Promise.all(Array.from({ length: count }, (_, index) => submit(index)));
    return () => results;
  },
  "async function": (submit) => {
    const results = Promise.all(Array.from({ length: count }, async (_, index) => await submit(index)));
    return () => results;
  },
};

const rows: { rung: string; ways: { way: string; perTaskBytes: number }[] }[] = [
  { rung: "bare promises", ways: await bytesOfWays(openPromises) },
  { rung: "threads", ways: await bytesOfWays(() => openPool(new ThreadPoolExecutor({ maxWorkers: WORKERS }))) },
  { rung: "processes", ways: await bytesOfWays(() => openPool(new ProcessPoolExecutor({ maxWorkers: WORKERS }))) },
];
print(options.json, { machine: machine(), tasks: count, rows }, [
  `Bytes of heap for each of ${count} tasks that wait. ${machine()}`,
  `${"".padEnd(14)}${Object.keys(WAYS)
    .map((way) => way.padStart(16))
    .join("")}`,
  ...rows.map(({ rung, ways }) => rung.padEnd(14) + ways.map(({ perTaskBytes }) => String(Math.round(perTaskBytes)).padStart(16)).join("")),
]);

interface Queue {
  readonly submit: Submit;
  /** Lets all go on that waits. */
  open(): void;
  close(): Promise<void>;
}

async function bytesOfWays(openQueue: () => Promise<Queue>): Promise<{ way: string; perTaskBytes: number }[]> {
  const ways: { way: string; perTaskBytes: number }[] = [];
  for (const [way, submitAll] of Object.entries(WAYS)) ways.push({ way, perTaskBytes: await bytesOf(await openQueue(), submitAll) });
  return ways;
}

async function bytesOf(queue: Queue, submitAll: (submit: Submit) => () => Promise<number[]>): Promise<number> {
  const before = await heapInUse();
  const results = submitAll(queue.submit);
  const after = await heapInUse();
  queue.open();
  strictEqual((await results()).at(-1), count);
  await queue.close();
  return (after - before) / count;
}

async function heapInUse(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

/** As many as there are workers take them up, and everything is compiled. */
async function openPool(pool: Executor): Promise<Queue> {
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 2000 }, (_, index) => pool.submit(increment, index)));
  const controller = new AbortController();
  const held = Promise.allSettled(Array.from({ length: WORKERS }, () => pool.with({ signal: controller.signal }).submit(hold)));
  return {
    submit: (index) => pool.submit(increment, index),
    open: () => controller.abort(),
    close: async () => {
      await held;
      await pool.shutdown();
    },
  };
}

/** As a pool keeps them: what settles each is in a list. */
function openPromises(): Promise<Queue> {
  const waiting: ((value: number) => void)[] = [];
  return Promise.resolve({
    submit: () => new Promise<number>((resolve) => waiting.push(resolve)),
    open: () => waiting.forEach((resolve, index) => resolve(index + 1)),
    close: () => Promise.resolve(),
  });
}
