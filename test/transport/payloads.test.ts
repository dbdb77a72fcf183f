// Both sides of the memory that large values cross in, talking to each other over the loopback.

import { deepEqual, equal, fail, match, ok, throws } from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { encodeMessage } from "#dure/codec/wire-bytes.js";
import { columnsOfOutcomes } from "#dure/protocol/columns.js";
import type { FromWorker, ToWorker } from "#dure/protocol/messages.js";
import { FarPayloads } from "#dure/transport/far-payloads.js";
import { createLoopback } from "#dure/transport/loopback.js";
import { NearPayloads } from "#dure/transport/near-payloads.js";
import { FrameReader } from "#dure/transport/memory-frames.js";
import type { ComingValue } from "#dure/transport/head-start.js";
import type { WorkerPayloads } from "#dure/transport/worker-host.js";
import { isAboutMemory, wordBeyond } from "#dure/transport/memory-messages.js";
import type { FromWorkerAboutValues, ToWorkerAboutValues } from "#dure/transport/memory-messages.js";
import type { SharedBytes } from "#dure/transport/shared-bytes.js";
import type { Channel } from "#dure/transport/channel.js";

const LINUX = { skip: process.platform !== "linux" && "Linux only" };
const SIZE = 1024 * 1024;
const LARGE: Uint8Array = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Pair {
  readonly near: NearPayloads;
  readonly far = new FarPayloads();
  readonly worker;
  readonly channel: Channel<FromWorker, ToWorker>;
  readonly heard: FromWorker[] = [];
  readonly listener = { message: (message: FromWorker): void => void this.heard.push(message), messageError: (): void => {} };
  /** Thrown by the next send of the worker. */
  unsendable: Error | undefined;

  constructor(near = new NearPayloads(SIZE)) {
    this.near = near;
    const [nearEnd, farEnd] = createLoopback<ToWorker | ToWorkerAboutValues, FromWorker | FromWorkerAboutValues>();
    this.worker = near.addWorker((offer) => nearEnd.send(offer, []));
    const send = farEnd.send.bind(farEnd);
    farEnd.send = (message, transfer) => {
      const error = this.unsendable;
      this.unsendable = undefined;
      if (error !== undefined) throw error;
      send(message, transfer);
    };
    this.channel = this.far.over(farEnd);
    this.channel.listen({ message: () => {}, messageError: () => {} });
    nearEnd.listen({
      message: (message) => (isAboutMemory(message) ? this.worker.heard(message, this.listener) : this.heard.push(message)),
      messageError: () => {},
    });
  }

  finish(count = 1): void {
    this.channel.send({ type: "finished", outcomes: columnsOfOutcomes(Array.from({ length: count }, (_, id) => [id, true, id, false, 1])) }, []);
  }
}

test("a worker sees what its pool has put down once it has opened the memory, also what was put down before", LINUX, async () => {
  const pair = new Pair();
  const early = pair.near.put(LARGE)!;
  equal(pair.worker.canTake, false);
  await turn();
  equal(pair.worker.canTake, true);
  const late = pair.near.put(LARGE.subarray(1))!;
  deepEqual(new Uint8Array(pair.far.take(early.at, early.size)), LARGE);
  deepEqual(new Uint8Array(pair.far.take(late.at, late.size)), LARGE.slice(1));
  const second = new Pair(pair.near);
  await turn();
  deepEqual(new Uint8Array(second.far.take(early.at, early.size)), LARGE);
  early.letGo();
  late.letGo();
  pair.worker.close();
  second.worker.close();
});

test("a worker that has a large result is given memory for the next one", LINUX, async () => {
  const pair = new Pair();
  equal(pair.far.put(LARGE), undefined);
  await turn();
  await turn();
  const stored = pair.far.put(LARGE)!;
  deepEqual(new Uint8Array(pair.worker.take(stored.at, stored.size)), LARGE);
  deepEqual(pair.heard, []);
  pair.worker.close();
});

test("results stay until the pool has dealt with the message that they were in, and no longer", LINUX, async () => {
  const pair = new Pair();
  pair.far.put(LARGE);
  await turn();
  await turn();
  const first = pair.far.put(LARGE)!;
  const second = pair.far.put(LARGE)!;
  pair.finish(2);
  ok(pair.far.put(LARGE)!.at > second.at);
  pair.worker.noteTaken();
  equal(pair.far.put(LARGE)!.at, first.at);
  pair.worker.close();
});

test("results whose message cannot be sent stay until the last of the messages that follow one by one", LINUX, async () => {
  const pair = new Pair();
  pair.far.put(LARGE);
  await turn();
  await turn();
  const first = pair.far.put(LARGE)!;
  pair.unsendable = new Error("could not be cloned");
  throws(() => pair.finish(2), /could not be cloned/);
  pair.finish(0);
  pair.finish();
  pair.worker.noteTaken();
  pair.worker.noteTaken();
  ok(pair.far.put(LARGE)!.at > first.at);
  pair.finish();
  pair.worker.noteTaken();
  equal(pair.far.put(LARGE)!.at, first.at);
  pair.worker.close();
});

test("a large message that is none, or that there is no room to read, is told as such, and its place is not needed any more", LINUX, async () => {
  const pair = new Pair();
  pair.far.put(LARGE);
  await turn();
  await turn();
  const errors: string[] = [];
  const listener = { message: () => fail(), messageError: (error: unknown) => errors.push((error as Error).message) };
  const text = new TextEncoder().encode("no message");
  pair.worker.heard({ type: "memoryFrame", at: pair.far.put(text)!.at, size: text.byteLength }, listener);
  pair.worker.close();
  const reader = new FrameReader(() => fail());
  const full = { view: (): never => fail("no room") } as unknown as SharedBytes;
  reader.deliver({ type: "memoryFrame", at: 0, size: 1 }, full, listener, () => errors.push("done"));
  match(errors[0]!, /Cannot read the messages any more/);
  deepEqual(errors.slice(1), ["done", "no room"]);
  equal(reader.read, 1);
});

test("a count of messages goes on where the word that tells it wraps", () => {
  const word = new Int32Array(1);
  for (const count of [1, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40 + 5]) {
    word[0] = count;
    deepEqual(
      [count - 1, count, count + 3].map((other) => wordBeyond(word[0]!, other)),
      [1, 0, -3],
    );
  }
});

test("a large message is put down, and its place used again once it has been read", LINUX, async () => {
  const pair = new Pair();
  const message: FromWorker = { type: "progress", taskId: 1, fraction: 0.5, note: "x".repeat(300_000) };
  const parts = (): Uint8Array[] => encodeMessage(message, []);
  deepEqual([pair.worker.putDown(parts()), pair.far.putDown(parts())], [undefined, undefined]);
  await turn();
  await turn();
  equal(pair.far.putDown(encodeMessage({ ...message, note: "short" }, [])), undefined);
  const places: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const frame = pair.far.putDown(parts());
    ok(frame !== undefined);
    places.push(frame.at);
    pair.worker.heard(frame, pair.listener);
  }
  equal(new Set(places).size, 1);
  deepEqual(pair.heard, [message, message, message]);
  const toWorker = pair.worker.putDown(parts())!;
  const second = pair.worker.putDown(parts())!;
  ok(second.at > toWorker.at);
  pair.worker.close();
  deepEqual(pair.near.transport, { kind: "socket", largeValues: "shared memory" });
});

test("what there is no room for is not put down, on either side", LINUX, async () => {
  const pair = new Pair();
  equal(pair.near.put(new Uint8Array(SIZE)), undefined);
  await turn();
  equal(pair.far.put(new Uint8Array(SIZE)), undefined);
  ok(pair.far.put(LARGE) !== undefined);
  pair.worker.close();
});

test("nothing is put down any more once a worker could not open the memory, and the reason is told", LINUX, async () => {
  const pair = new Pair();
  equal(pair.near.transport.largeValues, "shared memory");
  pair.worker.heard({ type: "memoryRefused", reason: "it is forbidden" }, pair.listener);
  equal(pair.near.put(LARGE), undefined);
  deepEqual(pair.near.transport, { kind: "socket", largeValues: "socket", reason: "it is forbidden" });
  pair.worker.close();
});

test("the pool's side keeps no descriptor once its workers are gone and its values are not needed any more", LINUX, async () => {
  new Pair().worker.close();
  const before = readdirSync("/proc/self/fd").length;
  const near = new NearPayloads(SIZE);
  const worker = near.addWorker(() => {});
  const stored = near.put(LARGE)!;
  worker.close();
  deepEqual(new Uint8Array(near.take(stored.at, stored.size)), LARGE);
  stored.letGo();
  equal(readdirSync("/proc/self/fd").length, before);
});

/** Large enough to be read while it is written. */
const HUGE: Uint8Array = Uint8Array.from({ length: 700_000 }, (_, index) => index % 241);

test("who is likely to get a large argument is told of it, and has it whole", LINUX, async () => {
  const pair = new Pair(new NearPayloads(4 * SIZE));
  const other = new Pair(pair.near);
  const told: ComingValue[] = [];
  const listening: WorkerPayloads = { canTake: true, values: pair.near, take: fail, announce: (coming) => told.push(coming), noteTaken: fail, close: fail };
  pair.near.askNextReceiver(() => listening);
  pair.near.put(LARGE);
  deepEqual(told, []);
  await turn();
  const stored = pair.near.put(HUGE)!;
  deepEqual(told, [{ at: stored.at, size: HUGE.byteLength, serial: 1 }]);
  pair.near.askNextReceiver(() => pair.worker);
  const second = pair.near.put(HUGE.subarray(1))!;
  await turn();
  for (const { far } of [pair, other]) {
    deepEqual(new Uint8Array(far.take(second.at, second.size)), HUGE.slice(1));
    deepEqual(new Uint8Array(far.take(stored.at, stored.size)), HUGE);
  }
  pair.worker.close();
  other.worker.close();
});

test("an argument that was announced and is not needed any more is not mistaken for what comes in its place", LINUX, async () => {
  const pair = new Pair(new NearPayloads(4 * SIZE));
  pair.near.put(LARGE)!.letGo();
  await turn();
  pair.near.askNextReceiver(() => pair.worker);
  const stored = pair.near.put(HUGE)!;
  await turn();
  stored.letGo();
  pair.near.askNextReceiver(() => undefined);
  const other = pair.near.put(HUGE.map((byte) => byte + 1))!;
  deepEqual([other.at, other.size], [stored.at, stored.size]);
  deepEqual(
    new Uint8Array(pair.far.take(other.at, other.size)),
    HUGE.map((byte) => byte + 1),
  );
  pair.worker.close();
});

test("a pool reads a large result while it is written, whoever asks for it when", LINUX, async () => {
  const pair = new Pair(new NearPayloads(4 * SIZE));
  pair.far.put(HUGE);
  await turn();
  await turn();
  const early = pair.far.put(HUGE)!;
  deepEqual(new Uint8Array(pair.worker.take(early.at, early.size)), HUGE);
  const late = pair.far.put(HUGE.subarray(1))!;
  await turn();
  await turn();
  deepEqual(new Uint8Array(pair.worker.take(late.at, late.size)), HUGE.slice(1));
  pair.worker.close();
});

test("smaller buffers are worth putting down where memory is mapped anyway", LINUX, async () => {
  const pair = new Pair();
  deepEqual([pair.near.worthFrom, pair.far.worthFrom], [65_536, 65_536]);
  pair.near.put(LARGE);
  await turn();
  deepEqual([pair.near.worthFrom, pair.far.worthFrom], [4097, 4097]);
  pair.worker.heard({ type: "memoryOpened", reason: "koffi is not there" }, pair.listener);
  equal(pair.near.worthFrom, 65_536);
  pair.worker.close();
  const other = new Pair();
  other.worker.noteMapped();
  other.far.noteMapped();
  deepEqual([other.near.worthFrom, other.far.worthFrom], [4097, 4097]);
  other.worker.close();
});
