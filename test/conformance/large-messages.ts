// Rules 41 and 59: messages that are larger than what a pipe holds, as they cross and as a worker dies in the middle of one.

import assert from "node:assert/strict";
import { Socket } from "node:net";
import type { Executor, Future } from "dure";
import { WorkerLostError } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { hold } from "../fixtures/held.js";
import { addEnds, exitWhenOpened, giveBytes, giveBytesAndExit, lengthOf } from "../fixtures/large-values.js";
import { processId } from "../fixtures/worker-facts.js";
import { until } from "../gate.js";
import type { Gate } from "../gate.js";
import type { ConformanceCase, Rung } from "./rung.js";
import { withExecutor, withGate } from "./rung.js";

/** Bytes that no pipe or socket takes at once, and no turn of the event loop reads. */
const LARGE = 64 * 1024 * 1024;

const GIBIBYTE = 1024 * 1024 * 1024;

/** The sockets that keep this process alive. Node has no documented way to see how far one has come. */
function sockets(): Socket[] {
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): unknown[] };
  return handles.call(process).filter((handle) => handle instanceof Socket);
}

/** Bytes of messages to workers that are not written yet. */
function bytesToWrite(): number {
  return sockets().reduce((sum, socket) => sum + socket.writableLength, 0);
}

/** Bytes that the worker which has said the most has said so far. */
function mostBytesRead(): number {
  return Math.max(...sockets().map((socket) => socket.bytesRead));
}

/** Once in each turn of the event loop: a timer may come too late. */
async function untilTurn(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** An item that ends its worker when the gate opens, and one that is only given out when the first has begun. */
async function* exitThenLarge(gate: Gate): AsyncGenerator<readonly [folder: string | undefined, bytes: Uint8Array]> {
  yield [gate.folder, new Uint8Array(1)];
  await gate.begun(1);
  yield [undefined, new Uint8Array(LARGE).fill(1)];
}

export const largeMessageCases: readonly ConformanceCase[] = [
  {
    rule: "41",
    fact: "a worker that exits while a large message to it is on its way costs the task that it ran only",
    run: (rung) =>
      withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
        // One by one, and the second is sent while the first runs: a message of its own, that nobody reads.
        const outcomes = executor.map(exitWhenOpened, exitThenLarge(gate), { chunkSize: 1, onError: "collect" });
        await gate.begun(1);
        if (rung.name === "processes") await until(() => bytesToWrite() > 0);
        else for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        const after = executor.submit(square, 3);
        gate.open();
        const [exited, large] = await outcomes;
        assert.ok(exited?.status === "rejected" && exited.reason instanceof WorkerLostError, String(exited));
        assert.deepEqual(large, { status: "fulfilled", value: LARGE });
        assert.equal(await after, 9);
        assert.equal(executor.stats().workersLost, 1);
      }),
  },
  {
    rule: "41",
    fact: "a worker killed while a large message to it is half written costs nothing: the task runs elsewhere, also if its buffer was moved",
    run: async (rung) => {
      await killWhileWriting(rung, (executor) => executor.submit(lengthOf, new ArrayBuffer(LARGE)));
      await killWhileWriting(rung, (executor) => {
        const buffer = new ArrayBuffer(LARGE);
        return executor.with({ transfer: [buffer] }).submit(lengthOf, buffer);
      });
    },
  },
  {
    rule: "41",
    fact: "a worker killed while it writes a large result costs that task only",
    run: (rung) =>
      withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
        const other = executor.submit(hold, gate.folder, "unhurt");
        const victim = await executor.submit(processId);
        const before = mostBytesRead();
        const large = executor.submit(giveBytes, LARGE);
        await untilTurn(() => mostBytesRead() > before + LARGE / 16);
        process.kill(victim, "SIGKILL");
        assert.ok(mostBytesRead() < LARGE);
        const behind = executor.submit(square, 3);
        const error = await large.exception();
        assert.ok(error instanceof WorkerLostError, String(error));
        assert.equal(error.signal, "SIGKILL");
        assert.equal(await behind, 9);
        assert.equal((await executor.submit(giveBytes, LARGE)).byteLength, LARGE);
        gate.open();
        assert.equal(await other, "unhurt");
        assert.equal(executor.stats().workersLost, 1);
      }),
  },
  {
    rule: "41",
    fact: "a large result arrives whole although its worker exits as soon as it is sent",
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const bytes = await executor.submit(giveBytesAndExit, LARGE);
        assert.deepEqual([bytes.byteLength, bytes[0], bytes.at(-1)], [LARGE, 1, 2]);
        await until(() => executor.stats().workersLost === 1);
        assert.equal(await executor.submit(square, 3), 9);
      }),
  },
  {
    rule: "59",
    fact: "a buffer of 1 GiB crosses, and comes back",
    // The buffer on both sides, twice while it is received, and room for the tests beside.
    freeMemory: 5 * GIBIBYTE,
    run: (rung) =>
      withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
        const bytes = new Uint8Array(GIBIBYTE);
        bytes.set([1], 0);
        bytes.set([2], GIBIBYTE - 1);
        const back = await executor.with({ transfer: [bytes.buffer] }).submit(addEnds, bytes);
        assert.deepEqual([back.byteLength, back[0], back[1], back.at(-1)], [GIBIBYTE, 1, 3, 2]);
      }),
  },
];

/** A worker that has stopped reading is killed while what `submit` gives it is written. */
function killWhileWriting(rung: Rung, submit: (executor: Executor) => Future<number>): Promise<void> {
  return withGate(rung, { maxWorkers: 2 }, async (executor, gate) => {
    const other = executor.submit(hold, gate.folder, "unhurt");
    await gate.begun(1);
    const victim = await executor.submit(processId);
    process.kill(victim, "SIGSTOP");
    const large = submit(executor);
    await until(() => bytesToWrite() > LARGE / 2);
    const behind = executor.submit(square, 3);
    process.kill(victim, "SIGKILL");
    assert.deepEqual([await large, large.attempts, await behind], [LARGE, 1, 9]);
    assert.equal(other.running(), true);
    gate.open();
    assert.equal(await other, "unhurt");
    assert.equal(executor.stats().workersLost, 1);
  });
}
