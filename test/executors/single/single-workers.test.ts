import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { threadId } from "node:worker_threads";
import { CancelledError, InvalidStateError, Process, SerializationError, Thread, WorkerLostError } from "dure";
import { EITHER } from "./either.js";
import { add, addLater, exitWith, fail, lastByte, OutOfInk, spin, waitForEver, whereAmI } from "./fixtures/work.js";

const run = promisify(execFile);

const isThread = (Worker: unknown): boolean => Worker === Thread;

/** Runs a program of the fixtures folder. */
async function runFixture(name: string, ...args: string[]): Promise<string[]> {
  const running = run(process.execPath, [fileURLToPath(new URL(`fixtures/${name}.js`, import.meta.url)), ...args]);
  running.child.stdout?.on("data", (text: string) => text.includes("it runs") && running.child.kill("SIGUSR2"));
  const { stdout, stderr } = await running;
  assert.equal(stderr, "");
  return stdout.trimEnd().split("\n");
}

for (const [kind, Worker] of Object.entries(EITHER)) {
  describe(kind, () => {
    test("runs a function with arguments, and tells its life", async () => {
      const worker = new Worker(add, [2, 3]);
      assert.equal(worker.isAlive, false);
      assert.equal(worker.exitCode, null);
      assert.equal(worker.start(), worker);
      assert.equal(worker.isAlive, true);
      assert.equal(await worker.join(), true);
      assert.equal(worker.isAlive, false);
      assert.equal(worker.exitCode, 0);
      assert.equal(await worker.result, 5);
    });

    test("runs an async function, a lambda and a closure", async () => {
      const factor = 7;
      const workers = [new Worker(addLater, [1, 2]), new Worker((n: number) => n + 1, [4]), new Worker((n: number) => n * factor, [6])];
      assert.deepEqual(await Promise.all(workers.map((worker) => worker.start().result)), [3, 5, 42]);
      for (const worker of workers) assert.equal(await worker.join(), true);
    });

    test("runs in a worker of its own, which has its id and its name", async () => {
      const worker = new Worker(whereAmI, [], { name: "scribe" }).start();
      const where = await worker.result;
      assert.equal(where.name, "scribe-0");
      assert.equal(worker.name, "scribe");
      if (worker instanceof Thread) {
        assert.equal(where.threadId, worker.threadId);
        assert.notEqual(where.threadId, threadId);
        assert.equal(where.pid, process.pid);
      } else {
        assert.equal(where.pid, worker.pid);
        assert.notEqual(where.pid, process.pid);
      }
      await worker.join();
    });

    test("has a name and a number if none is given", () => {
      assert.match(new Worker(whereAmI).name, new RegExp(`^${kind}-\\d+$`));
    });

    test("arguments are those of the moment of start()", async () => {
      const list = [1];
      const worker = new Worker((numbers: number[]) => numbers, [list]);
      list.push(2);
      worker.start();
      list.push(3);
      assert.deepEqual(await worker.result, [1, 2]);
      await worker.join();
    });

    test("join() resolves although the function threw; result rejects with its error, and the exit code is 1", async () => {
      const worker = new Worker(fail).start();
      await assert.rejects(worker.result, (error) => error instanceof OutOfInk && error.colour === "blue");
      assert.equal(await worker.join(), true);
      assert.equal(worker.exitCode, 1);
    });

    test("process.exit(n) gives the exit code n, and a result that has failed", async () => {
      for (const code of [0, 3]) {
        const worker = new Worker(exitWith, [code]).start();
        await worker.join();
        assert.equal(worker.exitCode, code);
        const error = await worker.result.exception();
        assert.ok(error instanceof WorkerLostError);
        assert.equal(error.exitCode, code);
        assert.equal(error.likelyCause, "process.exit");
      }
    });

    test("join() resolves to false when its timeout passes, and it goes on", async () => {
      const worker = new Worker(waitForEver).start();
      assert.equal(await worker.join({ timeout: 0 }), false);
      assert.equal(await worker.join({ timeout: 20 }), false);
      assert.equal(worker.isAlive, true);
      await worker.kill();
      assert.equal(await worker.join({ timeout: 0 }), true);
    });

    test("join() rejects with the reason of its signal, and it goes on", async () => {
      const worker = new Worker(waitForEver).start();
      const reason = new Error("enough");
      await assert.rejects(worker.join({ signal: AbortSignal.abort(reason) }), reason);
      const controller = new AbortController();
      const joined = worker.join({ signal: controller.signal });
      controller.abort(reason);
      await assert.rejects(joined, reason);
      assert.equal(worker.isAlive, true);
      await worker.kill();
    });

    test("terminate() and kill() end it in a busy loop, with an exit code that tells it", async () => {
      const codes: (number | null)[] = [];
      for (const verb of ["terminate", "kill"] as const) {
        const worker = new Worker(spin, [undefined]).start();
        const ended = assert.rejects(worker.result, CancelledError);
        while (worker.result.state === "pending") await new Promise(setImmediate);
        await worker[verb]();
        await ended;
        assert.equal(worker.isAlive, false);
        assert.equal(worker.result.state, "cancelled");
        codes.push(worker.exitCode);
        await worker[verb]();
      }
      assert.deepEqual(codes, isThread(Worker) ? [1, 1] : [-15, -9]);
    });

    test("terminate() right after start() ends it, too", async () => {
      const worker = new Worker(waitForEver).start();
      await worker.terminate();
      assert.equal(worker.isAlive, false);
      assert.equal(worker.exitCode, isThread(Worker) ? 1 : -15);
    });

    test("the result of what is terminated is cancelled, which is not reported as unhandled", async () => {
      const worker = new Worker(waitForEver).start();
      await worker.terminate();
      assert.equal(worker.result.state, "cancelled");
    });

    test("cannot be started twice, nor joined or ended before it is started", async () => {
      const worker = new Worker(add, [1, 1]);
      await assert.rejects(worker.join(), InvalidStateError);
      await assert.rejects(worker.terminate(), InvalidStateError);
      await assert.rejects(worker.kill(), InvalidStateError);
      worker.start();
      assert.throws(() => worker.start(), InvalidStateError);
      await worker.join();
      assert.throws(() => worker.start(), { code: "DURE_INVALID_STATE", message: /has been started already: make a new one$/ });
    });

    test("start() throws for what cannot cross, and has started nothing", async () => {
      const worker = new Worker((map: WeakMap<object, number>) => map, [new WeakMap()]);
      assert.throws(() => worker.start(), SerializationError);
      assert.equal(worker.isAlive, false);
      await assert.rejects(worker.join(), InvalidStateError);
    });

    test("refuses what is no function, no array and no option", () => {
      assert.throws(() => new Worker(5 as never), { name: "TypeError", message: new RegExp(`^Cannot create the ${kind.toLowerCase()}: expected a function`) });
      assert.throws(() => new Worker(add, 5 as never), /expected an array of arguments, got 5/);
      assert.throws(() => new Worker(add, [1, 2], { deamon: true } as never), /unknown option deamon, did you mean daemon/);
    });

    test("the end of an `await using` block waits for it", async () => {
      const worker = new Worker(add, [20, 22]);
      await worker[Symbol.asyncDispose]();
      worker.start();
      await worker[Symbol.asyncDispose]();
      assert.equal(worker.exitCode, 0);
      assert.equal(await worker.result, 42);
    });

    test("transfer moves a buffer", async () => {
      const bytes = new Uint8Array([1, 2, 3]);
      const worker = new Worker(lastByte, [bytes], { transfer: [bytes.buffer] }).start();
      assert.equal(bytes.byteLength, 0);
      assert.equal(await worker.result, 3);
      await worker.join();
    });

    test("progress and the worker show in the result", async () => {
      const worker = new Worker(async () => {
        const { currentTask } = await import("dure");
        currentTask()?.progress(0.5, "half");
        return currentTask()?.label;
      }).start();
      await worker.result;
      assert.deepEqual(worker.result.progress, { fraction: 0.5, note: "half" });
      assert.equal(worker.result.worker?.[isThread(Worker) ? "threadId" : "pid"], worker instanceof Thread ? worker.threadId : worker.pid);
      await worker.join();
    });

    test("keeps the program alive while it runs", async () => {
      const lines = await runFixture("leaves-a-daemon", kind.toLowerCase(), "no");
      assert.deepEqual(lines, ["end of the program's own code", "it runs", `waited for it: ${isThread(Worker) ? 1 : -15}`]);
    });

    test("a daemon does not keep the program alive", async () => {
      assert.deepEqual(await runFixture("leaves-a-daemon", kind.toLowerCase(), "daemon"), ["end of the program's own code", "left alive"]);
    });
  });
}

test("two that start in one turn run side by side", async () => {
  const words = [new SharedArrayBuffer(4), new SharedArrayBuffer(4)];
  const threads = words.map((word) => new Thread(spin, [word]).start());
  for (const word of words) while (Atomics.load(new Int32Array(word), 0) === 0) await new Promise(setImmediate);
  await Promise.all(threads.map((thread) => thread.kill()));
});

test("a process killed from outside has minus the signal's number, and its result says so", async () => {
  const worker = new Process(waitForEver).start();
  while (worker.result.state === "pending") await new Promise(setImmediate);
  process.kill(worker.pid!, "SIGKILL");
  const error = await worker.result.exception();
  assert.ok(error instanceof WorkerLostError);
  assert.equal(error.signal, "SIGKILL");
  await worker.join();
  assert.equal(worker.exitCode, -9);
});

for (const [what, expected] of Object.entries({
  "a thread fails": ["exit code 1", "unhandled: no ink"],
  "a process fails": ["exit code 1", "unhandled: no ink"],
  "a process exits": ["exit code 3"],
})) {
  test(`an error that nobody observes is reported, an exit is not: ${what}`, async () => {
    assert.deepEqual((await runFixture("unobserved", what)).sort(), expected);
  });
}

test("a worker that prints is heard to the end", async () => {
  const { stdout } = await run(process.execPath, [
    "--input-type=module",
    "-e",
    'import { Process, Thread } from "dure"; for (const Worker of [Thread, Process]) await new Worker(() => console.log("printed")).start().join();',
  ]);
  assert.equal(stdout, "printed\nprinted\n");
});
