// What every worker host keeps, one body for each fact, over every host.

import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { afterEach, describe, test } from "node:test";
import { currentTask } from "dure";
import { DrivenWorker, everyHost, killAllDriven, realHosts } from "./driven-worker.ts";

afterEach(killAllDriven);

function descriptorTarget(name: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${name}`);
  } catch {
    // The descriptor of the listing itself.
    return "";
  }
}

function messageOf(error: unknown): string {
  ok(error instanceof Error);
  return error.message;
}

const add = (a: number, b: number): number => a + b;

for (const host of everyHost) {
  describe(`${host.kind} host`, () => {
    test("starts, says that it is ready, runs, and ends when it is told to stop", async () => {
      const worker = await new DrivenWorker(host).ready();
      deepEqual(await worker.run(add, 1, 2), { taskId: 1, ok: true, value: 3 });
      const exit = await worker.stop();
      equal(exit.exitCode, 0);
      equal(exit.signal, null);
      equal(exit.error, undefined);
      equal(await worker.handle.kill(), "gone");
      equal(worker.exits.length, 1);
    });

    test("runs a batch in order, with asynchronous tasks between others", async () => {
      const worker = new DrivenWorker(host);
      const later = async (value: number): Promise<number> => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return value;
      };
      worker.send([
        [add, 1, 1],
        [later, 3],
        [add, 2, 2],
      ]);
      await worker.until(() => worker.outcomes.length === 3);
      deepEqual(
        worker.outcomes.map(({ value }) => value),
        [2, 3, 4],
      );
      await worker.stop();
    });

    test("tells a task's error from its result", async () => {
      const worker = new DrivenWorker(host);
      const { ok: succeeded, value } = await worker.run(() => {
        throw new RangeError("out of range");
      });
      equal(succeeded, false);
      ok(value instanceof RangeError);
      equal(value.message, "out of range");
      await worker.stop();
    });

    test("a task knows its worker, and an abort message aborts its signal", async () => {
      const worker = await new DrivenWorker(host).ready();
      const untilAborted = async (): Promise<unknown> => {
        const task = currentTask();
        task?.progress(0.5, "half");
        await new Promise<void>((resolve) => task?.signal.addEventListener("abort", () => resolve()));
        return [task?.workerIndex, task?.signal.reason, task?.aborted];
      };
      const [id = 0] = worker.send([[untilAborted]]);
      await worker.until(() => worker.heard.some(({ type }) => type === "progress"));
      worker.handle.send({ type: "abort", taskId: id, reason: { value: "enough", coded: false } }, []);
      await worker.until(() => worker.outcomes.length === 1);
      deepEqual(worker.outcomes[0]?.value, [2, "enough", true]);
      await worker.stop();
    });
  });
}

for (const host of realHosts) {
  describe(`${host.kind} host, whose workers can die`, () => {
    test("a task that has begun cannot be taken back, and one that has not can", async () => {
      const worker = await new DrivenWorker(host).ready();
      const { claims } = worker.handle;
      ok(claims !== undefined);
      const slots = [claims.offer(), claims.offer(), claims.offer()];
      const untilAborted = async (): Promise<void> => {
        currentTask()?.progress(0);
        await new Promise<void>((resolve) => currentTask()?.signal.addEventListener("abort", () => resolve()));
      };
      const [first = 0] = worker.send([[untilAborted], [add, 1, 2], [add, 3, 4]], slots);
      await worker.until(() => worker.heard.some(({ type }) => type === "progress"));
      deepEqual(
        slots.map((slot) => claims.hasBegun(slot)),
        [true, false, false],
      );
      deepEqual(
        [slots[0], slots[1]].map((slot) => claims.takeBack(slot!)),
        [false, true],
      );
      worker.handle.send({ type: "abort", taskId: first, reason: { value: "go on", coded: false } }, []);
      await worker.until(() => worker.outcomes.length === 3);
      // The worker only says that it has passed the one that was taken back.
      deepEqual(
        worker.outcomes.map(({ taskId, ok: succeeded }) => [taskId, succeeded]),
        [
          [1, true],
          [2, false],
          [3, true],
        ],
      );
      for (const slot of slots) claims.release(slot);
      await worker.stop();
    });

    test("more slots can be offered over time than there are at once", async () => {
      const worker = await new DrivenWorker(host).ready();
      const { claims } = worker.handle;
      ok(claims !== undefined);
      for (let round = 0; round < 300; round += 1) {
        const slot = claims.offer();
        ok(slot >= 0);
        equal(claims.hasBegun(slot), false);
        if (round % 100 === 0) {
          worker.send([[add, round, 0]], [slot]);
          await worker.until(() => worker.outcomes.length === round / 100 + 1);
          equal(claims.hasBegun(slot), true);
        }
        claims.release(slot);
      }
      await worker.stop();
    });

    test("an initializer that fails is heard with its error before the exit", async () => {
      const probe = new DrivenWorker(host);
      const { templates, ...fn } = probe.packer.packFunction(() => {
        throw new Error("no database");
      });
      await probe.stop();
      const worker = new DrivenWorker(
        host,
        {},
        { initializer: { templates, function: { id: 0, name: fn.name, value: fn.value, coded: fn.coded }, args: { value: [], coded: false } } },
      );
      const exit = await worker.exited();
      equal(messageOf(worker.leftovers[0]), "no database");
      equal(exit.exitCode, 1);
    });

    test("process.exit() in a task ends the worker with its code, and no earlier outcome is lost", async () => {
      const worker = await new DrivenWorker(host).ready();
      worker.send([[add, 1, 2], [add, 3, 4], [() => process.exit(7)], [add, 5, 6]]);
      const exit = await worker.exited();
      deepEqual(
        worker.outcomes.map(({ value }) => value),
        [3, 7],
      );
      equal(exit.exitCode, 7);
      equal(exit.likelyCause, "process.exit");
    });

    test("a full heap is told apart", async () => {
      const worker = await new DrivenWorker(host, { resourceLimits: { maxOldGenerationSizeMb: 24 }, stderr: "ignore" }).ready();
      worker.send([
        [
          () => {
            const kept: unknown[] = [];
            for (;;) kept.push(Array.from({ length: 1000 }, (_, index) => ({ index })));
          },
        ],
      ]);
      equal((await worker.exited()).likelyCause, "out of memory");
    });

    test("kill() ends a worker in a busy loop, and exited() comes before it resolves", async () => {
      const worker = await new DrivenWorker(host).ready();
      worker.send([
        [
          () => {
            currentTask()?.progress(0);
            for (;;);
          },
        ],
      ]);
      await worker.until(() => worker.heard.some(({ type }) => type === "progress"));
      const end = worker.handle.kill();
      await end;
      equal(worker.exits.length, 1);
      equal(worker.exits[0]?.likelyCause, "killed");
      equal(await worker.handle.kill(), await end);
      equal(worker.exits.length, 1);
    });

    test("aborted is seen from within a synchronous loop", async () => {
      const worker = await new DrivenWorker(host).ready();
      const { claims } = worker.handle;
      ok(claims !== undefined);
      const slot = claims.offer();
      const loop = (): string => {
        let turns = 0;
        currentTask()?.progress(0);
        while (currentTask()?.aborted !== true) turns += 1;
        return turns >= 0 ? "told" : "";
      };
      worker.send([[loop]], [slot]);
      await worker.until(() => worker.heard.some(({ type }) => type === "progress"));
      claims.abort(slot);
      await worker.until(() => worker.outcomes.length === 1);
      equal(worker.outcomes[0]?.value, "told");
      claims.release(slot);
      await worker.stop();
    });

    test("leftovers of a finished task hit no other task", async () => {
      const worker = await new DrivenWorker(host).ready();
      const leaves = (): void => {
        setTimeout(() => {
          throw new Error("thrown by a leftover");
        }, 1);
        setTimeout(() => void Promise.reject(new Error("rejected by a leftover")), 1);
      };
      const waits = (): Promise<string> => new Promise((resolve) => setTimeout(resolve, 50, "unharmed"));
      worker.send([[leaves], [waits]]);
      await worker.until(() => worker.outcomes.length === 2 && worker.leftovers.length === 2);
      deepEqual(
        worker.outcomes.map(({ value }) => value),
        [undefined, "unharmed"],
      );
      deepEqual(worker.leftovers.map(messageOf).toSorted(), ["rejected by a leftover", "thrown by a leftover"]);
      deepEqual(await worker.run(add, 1, 2), { taskId: 3, ok: true, value: 3 });
      await worker.stop();
    });

    test("an exception that the running task's own timer throws fails that task, and ends the worker", async () => {
      const worker = await new DrivenWorker(host).ready();
      const neverEnds = (): Promise<void> =>
        new Promise(() => {
          setTimeout(() => {
            throw new Error("thrown in a timer");
          }, 1);
        });
      worker.send([[add, 1, 2], [neverEnds], [add, 3, 4]]);
      const exit = await worker.exited();
      deepEqual(
        worker.outcomes.map(({ ok: succeeded }) => succeeded),
        [true, false],
      );
      equal(messageOf(worker.outcomes[1]?.value), "thrown in a timer");
      equal(exit.exitCode, 1);
    });

    test("a crash in the middle of a message larger than any buffer: the exit is heard, the rest of the message is not", async () => {
      const worker = await new DrivenWorker(host).ready();
      const bytes = new Uint8Array(32 * 1024 * 1024);
      worker.send([[(received: Uint8Array) => process.exit(received.length === 32 * 1024 * 1024 ? 5 : 6), bytes]]);
      equal((await worker.exited()).exitCode, 5);
      // Killed while it is written to, and while it writes.
      for (const write of [true, false]) {
        const other = await new DrivenWorker(host).ready();
        if (write) other.send([[(received: Uint8Array) => received.length, bytes]]);
        else other.send([[(size: number) => new Uint8Array(size), bytes.length]]);
        await other.handle.kill();
        equal(other.exits.length, 1);
        deepEqual(other.messageErrors, []);
      }
    });

    test("ten workers leave no descriptor open", { skip: process.platform === "linux" ? false : "only Linux lists a process's descriptors" }, async () => {
      const openDescriptors = (): string[] => readdirSync("/proc/self/fd").map((name) => descriptorTarget(name));
      await new DrivenWorker(host).stop();
      const before = openDescriptors().length;
      const workers = await Promise.all(Array.from({ length: 10 }, () => new DrivenWorker(host).ready()));
      await Promise.all(workers.map((worker, index) => (index % 2 === 0 ? worker.stop() : worker.handle.kill())));
      // Sockets and the shell that watched are closed in the turns after the exits.
      while (openDescriptors().length > before) await new Promise(setImmediate);
    });

    test("large values cross unchanged", async () => {
      const worker = await new DrivenWorker(host).ready();
      const bytes = new Uint8Array(64 * 1024 * 1024);
      for (let index = 0; index < bytes.length; index += 4096) bytes[index] = index / 4096;
      const { value } = await worker.run((received: Uint8Array) => received.map((byte) => byte + 1), bytes);
      ok(value instanceof Uint8Array);
      equal(value.length, bytes.length);
      for (let index = 0; index < bytes.length; index += 4096) equal(value[index], (bytes[index]! + 1) % 256);
      await worker.stop();
    });

    test("a worker that cannot be started exits with the reason, after start() has returned", async () => {
      const worker = new DrivenWorker(host, { execArgv: ["--no-such-flag-of-node"], stderr: "ignore" });
      equal(worker.exits.length, 0);
      const exit = await worker.exited();
      equal(exit.likelyCause, "unknown");
      ok(exit.error !== undefined || exit.exitCode !== 0);
      equal(await worker.handle.kill(), "gone");
    });

    test("environment and name are those asked for", async () => {
      const worker = new DrivenWorker(host, { env: { DURE_TEST_COLOUR: "blue", PATH: process.env["PATH"], GONE: undefined } });
      const { value } = await worker.run(() => [process.env["DURE_TEST_COLOUR"], process.env["DURE_WORKER"], process.env["GONE"], process.env["HOME"]]);
      deepEqual(value, ["blue", `${host.kind}-2`, undefined, undefined]);
      await worker.stop();
    });
  });
}
