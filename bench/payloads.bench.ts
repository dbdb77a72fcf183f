// How fast do large values cross? To a worker process and back, beside Node's own `advanced` messages between processes
// and a plain copy within one process; a value that many tasks share; and buffers that are moved to threads, or shared with
// them, whose time must not grow with their size. Everything is interleaved in one run; results are checked.
//
//   npm run bench -- payloads [--turns=30] [--json]

import { strictEqual } from "node:assert/strict";
import { fork } from "node:child_process";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { move, ProcessPoolExecutor, share, ThreadPoolExecutor } from "dure";
import { machine, median, print } from "./report.ts";

const { values: options } = parseArgs({
  options: {
    turns: { type: "string", default: "30" },
    json: { type: "boolean", default: false },
    /** Of the process that this one is compared with. */
    echo: { type: "boolean", default: false },
  },
});

const TURNS = Number(options.turns);
const IN_A_ROW = 5;
const KIBIBYTE = 1024;
const MEBIBYTE = KIBIBYTE * KIBIBYTE;
const GIBIBYTE = KIBIBYTE * MEBIBYTE;
const SIZES = [64 * KIBIBYTE, MEBIBYTE, 16 * MEBIBYTE, 64 * MEBIBYTE];
/** For threads: what is moved or shared takes as long as it takes to say where it is. */
const THREAD_SIZES = [KIBIBYTE, MEBIBYTE, 64 * MEBIBYTE, GIBIBYTE];

/** Sends back what it gets: moved if it can be. */
const BARE_THREAD = `
  const { parentPort } = require("node:worker_threads");
  parentPort.on("message", (bytes) => parentPort.postMessage(bytes, bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []));
`;

const echo = (bytes: Uint8Array): Uint8Array => bytes;
const lengthOf = (bytes: Uint8Array | string): number => bytes.length;
const make = (size: number): Uint8Array => {
  const scope = globalThis as { made?: Uint8Array };
  if (scope.made?.length !== size) scope.made = new Uint8Array(size).fill(7);
  return scope.made;
};
const moveBack = (bytes: Uint8Array): Uint8Array => move(bytes);

class Times {
  readonly #times = new Map<string, number[]>();

  /** A few times in a row: each kind of value leaves its memory behind, in which the next of its kind arrives. */
  async takeSome(name: string, work: () => unknown): Promise<void> {
    await work();
    for (let time = 0; time < IN_A_ROW; time += 1) await this.take(name, work);
  }

  async take(name: string, work: () => unknown): Promise<void> {
    const began = performance.now();
    await work();
    const times = this.#times.get(name) ?? [];
    times.push(performance.now() - began);
    this.#times.set(name, times);
  }

  /** Milliseconds. The first third is practice: memory has to be fetched from the system once. */
  median(name: string): number {
    const times = this.#times.get(name) ?? [];
    return median(times.slice(Math.floor(times.length / 3)));
  }
}

interface ProcessRow {
  readonly bytes: number;
  readonly toWorkerMs: number;
  readonly toPoolMs: number;
  readonly thereAndBackMs: number;
  readonly advancedMs: number;
  readonly copyMs: number;
  readonly newCopyMs: number;
  readonly emptyMs: number;
  readonly textMs: number;
}

async function compare(): Promise<void> {
  const processes = await compareProcesses();
  const sharing = await compareSharing();
  const threads = await compareThreads();
  print(options.json, { machine: machine(), turns: TURNS, ...processes, sharing, threads }, [
    machine(),
    `processes: large values in ${processes.transport}`,
    `${pad("size")}${pad("argument")}${pad("result")}${pad("both")}${pad("advanced")}${pad("advanced:both")}${pad("copy")}${pad("copy:argument")}${pad("new copy")}${pad("text arg.")}${pad("empty task")}`,
    ...processes.rows.map(
      (row) =>
        `${pad(named(row.bytes))}${ms(row.toWorkerMs)}${ms(row.toPoolMs)}${ms(row.thereAndBackMs)}${ms(row.advancedMs)}${ratio(row.advancedMs / row.thereAndBackMs)}${ms(row.copyMs)}${ratio(row.copyMs / row.toWorkerMs)}${ms(row.newCopyMs)}${ms(row.textMs)}${ms(row.emptyMs)}`,
    ),
    `a table of ${named(sharing.bytes)} for each of many tasks: ${ms(sharing.sharedMs)} shared, ${ms(sharing.sentMs)} sent each time`,
    `threads${" ".repeat(7)}${pad("moved")}${pad("bare thread")}${pad("shared")}${pad("bare thread")}`,
    ...threads.map((row) => `${pad(named(row.bytes))}${ms(row.moved.pooledMs)}${ms(row.moved.bareMs)}${ms(row.shared.pooledMs)}${ms(row.shared.bareMs)}`),
  ]);
}

async function compareProcesses(): Promise<{ readonly transport: string; readonly rows: readonly ProcessRow[] }> {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const other = fork(new URL(import.meta.url), ["--echo"], { serialization: "advanced" });
  const rows: ProcessRow[] = [];
  for (const bytes of SIZES) {
    const times = new Times();
    const source = new Uint8Array(bytes).fill(7);
    const target = new Uint8Array(bytes);
    const text = "x".repeat(bytes);
    const turns = Math.ceil((bytes > 4 * MEBIBYTE ? TURNS / 2 : TURNS * 30) / IN_A_ROW);
    for (let turn = 0; turn < turns; turn += 1) {
      await times.takeSome("both", async () => check(await pool.submit(echo, source), bytes));
      await times.takeSome("advanced", async () => check(await sent(other, source), bytes));
      await times.takeSome("toWorker", async () => strictEqual(await pool.submit(lengthOf, source), bytes));
      await times.takeSome("toPool", async () => check(await pool.submit(make, bytes), bytes));
      await times.takeSome("copy", () => target.set(source));
      await times.takeSome("newCopy", () => check(source.slice(), bytes));
      await times.takeSome("text", async () => strictEqual(await pool.submit(lengthOf, text), bytes));
      await times.takeSome("empty", () => pool.submit(lengthOf, "x"));
    }
    rows.push({
      bytes,
      toWorkerMs: times.median("toWorker"),
      toPoolMs: times.median("toPool"),
      thereAndBackMs: times.median("both"),
      advancedMs: times.median("advanced"),
      copyMs: times.median("copy"),
      newCopyMs: times.median("newCopy"),
      emptyMs: times.median("empty"),
      textMs: times.median("text"),
    });
  }
  other.kill();
  return { transport: pool.stats().transport.largeValues, rows };
}

function sent(other: ReturnType<typeof fork>, bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve) => {
    other.once("message", (message) => resolve(message as unknown as Uint8Array));
    other.send(bytes);
  });
}

function check(bytes: Uint8Array, size: number): void {
  strictEqual(bytes.length, size);
  strictEqual(bytes[size - 1], 7);
}

async function compareSharing(): Promise<{ readonly bytes: number; readonly sharedMs: number; readonly sentMs: number }> {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const bytes = 16 * MEBIBYTE;
  const table = new Uint8Array(bytes).fill(7);
  const shared = share(new Uint8Array(bytes).fill(7));
  const times = new Times();
  for (let turn = 0; turn < TURNS; turn += 1) {
    await times.take("shared", async () => strictEqual(await pool.submit(lengthOf, shared), bytes));
    await times.take("sent", async () => strictEqual(await pool.submit(lengthOf, table), bytes));
  }
  return { bytes, sharedMs: times.median("shared"), sentMs: times.median("sent") };
}

/** There and back, beside a thread that sends back what it gets and does nothing else. */
interface Trips {
  readonly pooledMs: number;
  readonly bareMs: number;
}

interface ThreadRow {
  readonly bytes: number;
  readonly moved: Trips;
  readonly shared: Trips;
}

/** Shared before moved: V8 collects garbage for what was moved, and would do so in the other's time. */
async function compareThreads(): Promise<readonly ThreadRow[]> {
  const rows: ThreadRow[] = [];
  for (const bytes of THREAD_SIZES) {
    const shared = await compareShared(bytes);
    rows.push({ bytes, shared, moved: await compareMoved(bytes) });
  }
  return rows;
}

async function compareShared(bytes: number): Promise<Trips> {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const shared = new Uint8Array(new SharedArrayBuffer(bytes)).fill(7);
  return await compareTrips({
    pooled: async () => check(await pool.submit(echo, shared), bytes),
    bare: async (thread) => check(await sentToThread(thread, shared, []), bytes),
  });
}

async function compareMoved(bytes: number): Promise<Trips> {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  let moved = new Uint8Array(bytes).fill(7);
  return await compareTrips({
    async pooled() {
      moved = (await pool.submit(moveBack, move(moved))) as Uint8Array<ArrayBuffer>;
      check(moved, bytes);
    },
    async bare(thread) {
      moved = await sentToThread(thread, moved, [moved.buffer]);
      check(moved, bytes);
    },
  });
}

async function compareTrips({ pooled, bare }: { pooled(): Promise<void>; bare(thread: Worker): Promise<void> }): Promise<Trips> {
  const thread = new Worker(BARE_THREAD, { eval: true });
  const times = new Times();
  for (let turn = 0; turn < TURNS * 10; turn += 1) {
    await times.take("pooled", pooled);
    await times.take("bare", () => bare(thread));
  }
  await thread.terminate();
  return { pooledMs: times.median("pooled"), bareMs: times.median("bare") };
}

function sentToThread<T>(thread: Worker, value: T, transfer: readonly ArrayBuffer[]): Promise<T> {
  return new Promise((resolve) => {
    thread.once("message", resolve);
    thread.postMessage(value, transfer);
  });
}

function named(bytes: number): string {
  return bytes < MEBIBYTE ? `${bytes / KIBIBYTE} KiB` : `${bytes / MEBIBYTE} MiB`;
}

function ms(milliseconds: number): string {
  return pad(`${milliseconds.toFixed(3)} ms`);
}

function ratio(of: number): string {
  return pad(`${of.toFixed(2)} x`);
}

function pad(text: string): string {
  return text.padStart(14);
}

if (options.echo) process.on("message", (message) => process.send!(message));
else await compare();
