// What does each way of carrying a task cost, without the pool: start to ready, one round trip, short tasks in batches,
// and a large buffer there and back? Guards the transports against regressions. The serial line calls the function.
//
//   npm run bench -- hosts [--turns=5] [--tasks=100000] [--json]

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { parseArgs } from "node:util";
import { createByReferencePacker, createByReferenceUnpacker } from "#dure/codec/by-reference-crossing.js";
import { createPacker, createUnpacker } from "#dure/codec/codec.js";
import type { Packer } from "#dure/codec/crossing.js";
import { ProcessHost } from "#dure/executors/processes/process-host.js";
import { ThreadHost } from "#dure/executors/threads/thread-host.js";
import { columnsOfTasks, NO_TASKS, OutcomeReader, outcomesOf, TaskWriter } from "#dure/protocol/columns.js";
import { PROTOCOL_VERSION } from "#dure/protocol/messages.js";
import type { FromWorker } from "#dure/protocol/messages.js";
import type { WorkerHandle, WorkerHost } from "#dure/transport/worker-host.js";
import { LocalHost } from "#dure/worker/local-host.js";
import { machine, median, print } from "./report.ts";

const { values: options } = parseArgs({
  options: { turns: { type: "string", default: "5" }, tasks: { type: "string", default: "100000" }, json: { type: "boolean", default: false } },
});

const TURNS = Number(options.turns);
const TASKS = Number(options.tasks);
const BATCH = 100;
const ROUND_TRIPS = 2000;
const ECHO = new Uint8Array(16 * 1024 * 1024).fill(7);

const increment = (value: number): number => value + 1;
const echo = (bytes: Uint8Array): Uint8Array => bytes;

interface Rung {
  readonly name: string;
  readonly host: WorkerHost;
  readonly packer: Packer;
}

const capture = { maxCaptureSize: 1024 * 1024 };
const rungs: readonly Rung[] = [
  {
    name: "local",
    host: new LocalHost({ createCrossing: () => ({ packer: createByReferencePacker(), unpacker: createByReferenceUnpacker() }) }),
    packer: createByReferencePacker(),
  },
  { name: "threads", host: new ThreadHost({ name: "bench" }), packer: createPacker({ ...capture, memory: "shared" }) },
  { name: "processes", host: new ProcessHost({ name: "bench" }), packer: createPacker({ ...capture, memory: "separate" }) },
];

/** One started worker that knows both functions. */
class BenchWorker {
  readonly #handle: WorkerHandle;
  readonly #rung: Rung;
  readonly #unpacker = createUnpacker();
  #hear: (message: FromWorker) => void = () => {};
  readonly #exited: Promise<void>;

  private constructor(rung: Rung) {
    this.#rung = rung;
    let exited = (): void => {};
    this.#exited = new Promise((resolve) => void (exited = resolve));
    const messageError = (error: unknown): never => {
      throw error;
    };
    this.#handle = rung.host.start(0, { message: (message) => this.#hear(message), messageError, exited: () => exited() });
  }

  static async start(rung: Rung): Promise<BenchWorker> {
    const worker = new BenchWorker(rung);
    const ready = worker.#next();
    worker.#handle.send(
      { type: "start", version: PROTOCOL_VERSION, workerIndex: 0, poolName: "bench", initializer: undefined, reportMemory: false, maxCaptureSize: 1_000_000 },
      [],
    );
    strictEqual((await ready).type, "ready");
    return worker;
  }

  #next(): Promise<FromWorker> {
    return new Promise((resolve) => void (this.#hear = resolve));
  }

  define(): void {
    const packed = [increment, echo].map((fn) => this.#rung.packer.packFunction(fn));
    const functions = packed.map(({ name, value, coded }, id) => ({ id, name, value, coded }));
    this.#handle.send({ type: "run", templates: packed.flatMap(({ templates }) => templates), functions, tasks: NO_TASKS }, []);
  }

  /** One task at a time. */
  async roundTrip(value: number): Promise<void> {
    const answer = this.#next();
    this.#handle.send({ type: "run", tasks: columnsOfTasks([[value, -1, 0, [value], false, 1, 0.25]]) }, []);
    const message = await answer;
    strictEqual(message.type === "finished" && outcomesOf(message.outcomes)[0]?.[2], value + 1);
  }

  /** Two batches in flight, as a pool keeps them. */
  async batches(count: number): Promise<void> {
    let sent = 0;
    let sum = 0;
    const sendBatch = (): void => {
      const size = Math.min(count - sent, BATCH);
      const tasks = new TaskWriter();
      for (const end = sent + size; sent < end; sent += 1) tasks.add(sent, -1, 0, 1, tasks.writeArgument(sent), 0.25, undefined);
      if (size > 0) this.#handle.send({ type: "run", tasks: tasks.columns }, []);
    };
    let received = 0;
    await new Promise<void>((resolve) => {
      this.#hear = (message) => {
        if (message.type !== "finished") return;
        for (const outcomes = new OutcomeReader(message.outcomes); outcomes.hasNext; received += 1) {
          outcomes.advance();
          sum += outcomes.value as number;
        }
        if (received === count) resolve();
        else if (sent - received <= BATCH) sendBatch();
      };
      sendBatch();
      sendBatch();
    });
    strictEqual(sum, (count * (count + 1)) / 2);
  }

  async echo(): Promise<void> {
    const answer = this.#next();
    const { value, coded, transfer } = this.#rung.packer.pack([ECHO], "args");
    this.#handle.send({ type: "run", tasks: columnsOfTasks([[0, -1, 1, value, coded, 1, 0.25]]) }, transfer);
    const message = await answer;
    const outcome = message.type === "finished" ? outcomesOf(message.outcomes)[0] : undefined;
    const bytes = outcome?.[3] === true ? this.#unpacker.unpack({ value: outcome[2], coded: true }) : outcome?.[2];
    deepStrictEqual((bytes as Uint8Array).length, ECHO.length);
    strictEqual((bytes as Uint8Array).at(-1), 7);
  }

  async stop(): Promise<void> {
    this.#handle.send({ type: "stop" }, []);
    await this.#exited;
  }
}

interface Row {
  readonly rung: string;
  readonly startMs: number;
  readonly roundTripUs: number;
  readonly tasksPerSecond: number;
  readonly echoMs: number;
}

async function milliseconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function measure(rung: Rung): Promise<Row> {
  const startMs: number[] = [];
  const roundTripMs: number[] = [];
  const batchesMs: number[] = [];
  const echoMs: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    let worker: BenchWorker | undefined;
    startMs.push(await milliseconds(async () => void (worker = await BenchWorker.start(rung))));
    const started = worker!;
    started.define();
    await started.batches(TASKS / 10);
    for (let trip = 0; trip < ROUND_TRIPS; trip += 1) roundTripMs.push(await milliseconds(() => started.roundTrip(trip)));
    batchesMs.push(await milliseconds(() => started.batches(TASKS)));
    echoMs.push(await milliseconds(() => started.echo()));
    await started.stop();
  }
  return {
    rung: rung.name,
    startMs: median(startMs),
    roundTripUs: median(roundTripMs) * 1000,
    tasksPerSecond: TASKS / (median(batchesMs) / 1000),
    echoMs: median(echoMs),
  };
}

async function measureSerial(): Promise<Row> {
  let sum = 0;
  const callsMs = await milliseconds(() => {
    for (let value = 0; value < TASKS; value += 1) sum += increment(value);
  });
  strictEqual(sum, (TASKS * (TASKS + 1)) / 2);
  return { rung: "serial", startMs: 0, roundTripUs: (callsMs / TASKS) * 1000, tasksPerSecond: TASKS / (callsMs / 1000), echoMs: 0 };
}

const rows: Row[] = [await measureSerial()];
for (const rung of rungs) rows.push(await measure(rung));
print(options.json, { machine: machine(), turns: TURNS, tasks: TASKS, rows }, [
  `One worker, no pool, tasks of x => x + 1 in batches of ${BATCH}, an echo of ${ECHO.length / 1024 / 1024} MiB; medians of ${TURNS} turns, results checked. ${machine()}`,
  `${"".padEnd(12)}${"start".padStart(12)}${"round trip".padStart(14)}${"tasks/s".padStart(14)}${"echo".padStart(12)}`,
  ...rows.map(
    (row) =>
      `${row.rung.padEnd(12)}${`${row.startMs.toFixed(1)} ms`.padStart(12)}${`${row.roundTripUs.toFixed(2)} us`.padStart(14)}${Math.round(row.tasksPerSecond).toLocaleString("en").padStart(14)}${`${row.echoMs.toFixed(1)} ms`.padStart(12)}`,
  ),
]);
