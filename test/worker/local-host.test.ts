import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { createByReferencePacker, createByReferenceUnpacker } from "#dure/codec/by-reference-crossing.js";
import { PROTOCOL_VERSION } from "#dure/protocol/messages.js";
import { columnsOfTasks, outcomesOf } from "#dure/protocol/columns.js";
import type { FromWorker, WireFunction, WireOutcome } from "#dure/protocol/messages.js";
import type { WorkerExit, WorkerHandle } from "#dure/transport/worker-host.js";
import { LocalHost } from "#dure/worker/local-host.js";
import { currentTask } from "dure";

const byReference = { createCrossing: () => ({ packer: createByReferencePacker(), unpacker: createByReferenceUnpacker() }) };
const host = new LocalHost(byReference);

interface LocalWorker {
  readonly handle: WorkerHandle;
  readonly heard: FromWorker[];
  readonly exits: WorkerExit[];
  readonly outcomes: () => WireOutcome[];
  until(condition: () => boolean): Promise<void>;
}

function start(localHost: LocalHost = host): LocalWorker {
  const heard: FromWorker[] = [];
  const exits: WorkerExit[] = [];
  let wake = (): void => {};
  const handle = localHost.start(0, {
    message(message) {
      heard.push(message);
      wake();
    },
    messageError() {},
    exited(exit) {
      exits.push(exit);
      wake();
    },
  });
  handle.send(
    { type: "start", version: PROTOCOL_VERSION, workerIndex: 0, poolName: "local", initializer: undefined, reportMemory: false, maxCaptureSize: Infinity },
    [],
  );
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise<void>((resolve) => void (wake = resolve));
  };
  return { handle, heard, exits, until, outcomes: () => heard.flatMap((message) => (message.type === "finished" ? outcomesOf(message.outcomes) : [])) };
}

function wire(fn: (...args: never[]) => unknown): WireFunction {
  return { id: 1, name: fn.name, value: fn, coded: false };
}

function run({ handle }: LocalWorker, fn: (...args: never[]) => unknown, argLists: readonly unknown[][]): void {
  handle.send({ type: "run", functions: [wire(fn)], tasks: columnsOfTasks(argLists.map((args, index) => [index + 1, -1, 1, args, false, 1, 0])) }, []);
}

test("a local worker runs tasks on the caller's own values, and not within send()", async () => {
  const worker = start();
  const list: number[] = [];
  run(worker, (target: number[]) => target.push(1), [[list]]);
  deepEqual(list, []);
  await worker.until(() => worker.outcomes().length === 1);
  deepEqual(list, [1]);
});

test("an isolated local worker gets copies", async () => {
  const isolating = start(
    new LocalHost({
      ...byReference,
      isolate: true,
      createCrossing: () => ({
        packer: createByReferencePacker(),
        unpacker: { define: () => undefined, forget: () => {}, unpack: () => (target: number[]) => target.push(1) },
      }),
    }),
  );
  const list: number[] = [];
  isolating.handle.send(
    { type: "run", functions: [{ id: 1, name: "push", value: "push", coded: true }], tasks: columnsOfTasks([[1, -1, 1, [list], false, 1, 0]]) },
    [],
  );
  await isolating.until(() => isolating.outcomes().length === 1);
  deepEqual(isolating.outcomes()[0]?.[2], 1);
  deepEqual(list, []);
});

test("synchronous tasks let timers run between them, also those of several workers", async () => {
  const workers = [start(), start()];
  let timerRan = false;
  let ranBeforeTimer = 0;
  // Long enough that they cannot all be done before the timer is due.
  const busy = (): void => {
    const end = performance.now() + 1;
    while (performance.now() < end);
    if (!timerRan) ranBeforeTimer += 1;
  };
  setTimeout(() => void (timerRan = true), 1);
  for (const worker of workers)
    run(
      worker,
      busy,
      Array.from({ length: 100 }, () => []),
    );
  await Promise.all(workers.map((worker) => worker.until(() => worker.outcomes().length === 100)));
  ok(timerRan);
  ok(ranBeforeTimer < 200, "the timer ran only after all tasks");
});

test("outcomes are heard between the tasks of a batch", async () => {
  const worker = start();
  const heardWhenCalled: number[] = [];
  run(worker, () => heardWhenCalled.push(worker.outcomes().length), [[], [], []]);
  await worker.until(() => worker.outcomes().length === 3);
  deepEqual(heardWhenCalled, [0, 1, 2]);
});

test("currentTask() is right in tasks that interleave, and undefined in the caller", async () => {
  const workers = [start(), start()];
  const label = async (): Promise<unknown> => {
    const before = currentTask()?.label;
    await new Promise((resolve) => setTimeout(resolve, 1));
    return [before, currentTask()?.label];
  };
  for (const [index, { handle }] of workers.entries())
    handle.send({ type: "run", functions: [wire(label)], tasks: columnsOfTasks([[1, -1, 1, [], false, 1, 0, `task ${index}`]]) }, []);
  const seen: unknown[] = [];
  await Promise.all(
    workers.map(async (worker) => {
      await worker.until(() => worker.outcomes().length === 1);
      seen.push(currentTask());
    }),
  );
  deepEqual(
    workers.map((worker) => worker.outcomes()[0]?.[2]),
    [
      ["task 0", "task 0"],
      ["task 1", "task 1"],
    ],
  );
  deepEqual(seen, [undefined, undefined]);
});

test("a stop ends a local worker after its last outcome has been heard, once", async () => {
  const worker = start();
  run(worker, () => 1, [[], []]);
  worker.handle.send({ type: "stop" }, []);
  await worker.until(() => worker.exits.length > 0);
  equal(worker.outcomes().length, 2);
  equal(await worker.handle.kill(), "gone");
  deepEqual(worker.exits, [{ exitCode: 0, signal: null, likelyCause: "unknown", error: undefined }]);
});

test("kill() of an idle local worker resolves to gone, after exited()", async () => {
  const worker = start();
  await worker.until(() => worker.heard.length === 1);
  const killed = worker.handle.kill();
  equal(worker.exits[0]?.likelyCause, "killed");
  equal(await killed, "gone");
});

test("kill() of a running local worker abandons it: its signal aborts, it runs on, and nobody hears of it", async () => {
  const worker = start();
  let aborted = false;
  let finish = (): void => {};
  const waits = async (): Promise<void> => {
    currentTask()?.signal.addEventListener("abort", () => void (aborted = true));
    await new Promise<void>((resolve) => void (finish = resolve));
  };
  let secondRan = false;
  worker.handle.send(
    {
      type: "run",
      functions: [wire(waits), { ...wire(() => (secondRan = true)), id: 2 }],
      tasks: columnsOfTasks([
        [1, -1, 1, [], false, 1, 0],
        [2, -1, 2, [], false, 1, 0],
      ]),
    },
    [],
  );
  await worker.until(() => worker.heard.length === 1);
  // The task begins in a microtask after the worker is ready.
  await new Promise(setImmediate);
  equal(await worker.handle.kill(), "abandoned");
  equal(aborted, true);
  finish();
  await new Promise(setImmediate);
  deepEqual(worker.outcomes(), []);
  equal(secondRan, false);
});
