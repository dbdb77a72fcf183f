// What do records cost there and back: lists of small objects, as a query or a JSON file gives them? Beside what bare
// messages of Node cost, which are not kept from later changes and know no classes: between threads, and between processes
// as JSON and by the serializer ("advanced"). Everything is interleaved in one run; results are checked.
//
//   npm run bench -- records [--turns=9] [--json] [--base REV]

import { strictEqual } from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "dure";
import { machine, median, print } from "./report.ts";

const { values: options } = parseArgs({
  options: {
    turns: { type: "string", default: "9" },
    json: { type: "boolean", default: false },
    /** Of a process that this one is compared with. */
    echo: { type: "boolean", default: false },
  },
});

interface Row {
  readonly id: number;
  readonly name: string;
  readonly price: number;
  readonly isNew: boolean;
}

const COUNTS = [1, 16, 512, 16_384];
/** Records that are sent in a turn, at least. */
const RECORDS_PER_TURN = 16_384;
const MOST_TRIPS = 300;

const rowsOf = (count: number): Row[] => Array.from({ length: count }, (_, id) => ({ id, name: `record number ${id}`, price: id + 0.5, isNew: id % 2 === 0 }));
const echo = (rows: Row[]): Row[] => rows;

type Trip = (rows: Row[]) => PromiseLike<Row[]>;

if (options.echo) process.on("message", (message) => process.send?.(message));
else await measure();

async function measure(): Promise<void> {
  const threads = new ThreadPoolExecutor({ maxWorkers: 1 });
  const processes = new ProcessPoolExecutor({ maxWorkers: 1 });
  const thread = new Worker('const { parentPort } = require("node:worker_threads"); parentPort.on("message", (rows) => parentPort.postMessage(rows));', {
    eval: true,
  });
  const [json, advanced] = [echoProcess("json"), echoProcess("advanced")];
  const trips: Record<string, Trip> = {
    threads: (rows) => threads.submit(echo, rows),
    "bare thread": (rows) => answerOf(thread, () => thread.postMessage(rows, [])),
    processes: (rows) => processes.submit(echo, rows),
    "bare process, JSON": (rows) => answerOf(json, () => json.send(rows)),
    "bare process, advanced": (rows) => answerOf(advanced, () => advanced.send(rows)),
  };
  const rows: { records: number; microseconds: Record<string, number> }[] = [];
  for (const count of COUNTS) rows.push({ records: count, microseconds: await timesOf(trips, rowsOf(count)) });
  json.kill();
  advanced.kill();
  await Promise.all([threads.shutdown(), processes.shutdown(), thread.terminate()]);
  const names = Object.keys(trips);
  print(options.json, { machine: machine(), rows: rows.map(comparable) }, [
    `Microseconds for records there and back, one awaited after another; ${options.turns} turns, medians. ${machine()}`,
    `${"records".padStart(8)}${names.map((name) => name.padStart(24)).join("")}`,
    ...rows.map(
      ({ records, microseconds }) => `${String(records).padStart(8)}${names.map((name) => (microseconds[name] ?? NaN).toFixed(1).padStart(24)).join("")}`,
    ),
  ]);
}

/** As `--base` compares it. */
function comparable({ records, microseconds }: { readonly records: number; readonly microseconds: Readonly<Record<string, number>> }): object {
  return { of: `${records} records`, ways: Object.entries(microseconds).map(([way, tripUs]) => ({ way, tripUs })) };
}

function echoProcess(serialization: "json" | "advanced"): ChildProcess {
  return fork(new URL(import.meta.url), ["--echo"], { serialization });
}

function answerOf(peer: Worker | ChildProcess, send: () => void): Promise<Row[]> {
  return new Promise((resolve) => {
    peer.once("message", resolve);
    send();
  });
}

/** The middle trip of all but the first turn, which is practice. */
async function timesOf(trips: Readonly<Record<string, Trip>>, sent: Row[]): Promise<Record<string, number>> {
  const times: Record<string, number[]> = {};
  const count = Math.min(MOST_TRIPS, Math.max(3, Math.ceil(RECORDS_PER_TURN / sent.length)));
  for (let turn = 0; turn < Number(options.turns); turn += 1)
    for (const [name, trip] of Object.entries(trips)) {
      for (let index = 0; index < count; index += 1) {
        const begun = performance.now();
        const received = await trip(sent);
        if (turn > 0) (times[name] ??= []).push((performance.now() - begun) * 1000);
        strictEqual(received.at(-1)?.name, sent.at(-1)?.name);
      }
    }
  return Object.fromEntries(Object.entries(times).map(([name, each]) => [name, median(each)]));
}
