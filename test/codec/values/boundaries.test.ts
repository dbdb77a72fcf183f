// What one boundary carries and another refuses, and what becomes of buffers.

import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { createPacker, createUnpacker } from "#dure/codec/codec.js";
import type { Coded } from "#dure/codec/values/program.js";
import { encodeMessage, MessageDecoder } from "#dure/codec/wire-bytes.js";
import { SharedBlocks } from "#dure/transport/shared-blocks.js";
import { cross, packer, receive, refusal, refusalOf } from "./crossing-of-values.ts";

const toProcess = createPacker({ memory: "separate", maxCaptureSize: 1 << 20 });

/** Packed for another process, as bytes, and unpacked. */
async function crossToProcess<T>(value: T): Promise<T> {
  const packed = toProcess.pack(value, "args");
  let received: { value: unknown } | undefined;
  const decoder = new MessageDecoder({
    message: (message: { value: unknown }) => (received = message),
    messageError: (error) => {
      throw error;
    },
  });
  for (const chunk of encodeMessage({ value: packed.value }, packed.transfer)) decoder.push(chunk);
  const unpacker = createUnpacker();
  await unpacker.define(packed.templates);
  return unpacker.unpack({ value: received?.value, coded: packed.coded }) as T;
}

test("processes are refused what only threads share or are moved, by name and with what to do", () => {
  const { port1 } = new MessageChannel();
  for (const [value, name, mend] of [
    [new SharedArrayBuffer(1), "SharedArrayBuffer", "threads"],
    [new Uint8Array(new SharedArrayBuffer(1)), "SharedArrayBuffer", "threads"],
    [port1, "MessagePort", "threads"],
    [new Blob(["a"]), "Blob", "threads"],
    [createSecretKey(Buffer.from("k")), "SecretKeyObject", "threads"],
  ] as const) {
    const error = refusalOf(() => toProcess.pack([{ value }], "args"));
    equal(error.path, "args[0].value");
    ok(error.message.includes(name) && error.message.includes(mend), error.message);
  }
  equal(refusalOf(() => toProcess.pack([port1], "args", [port1 as never])).path, "transfer[0]");
  equal(refusal([port1]).path, "args[0]");
  ok(refusal([port1]).message.includes("list it in `transfer`"));
  port1.close();
});

test("pack() refuses a transfer list with what cannot move or is not passed", () => {
  const buffer = new ArrayBuffer(8);
  const gone = new ArrayBuffer(8);
  structuredClone(gone, { transfer: [gone] });
  for (const [value, listed] of [
    [buffer, new Uint8Array(buffer)],
    [buffer, new SharedArrayBuffer(1)],
    [gone, gone],
    [1, buffer],
    [1, 5],
  ]) {
    equal(refusalOf(() => packer.pack([value], "args", [listed as object])).path, "transfer[0]");
  }
  equal(refusal([gone]).path, "args[0]");
  equal(buffer.byteLength, 8);
});

test("pack() to a process moves listed buffers at once, and can be sent again", () => {
  const buffer = new Uint8Array([1, 2, 3]).buffer;
  const packed = toProcess.pack([new Uint8Array(buffer, 1)], "args", [buffer]);
  equal(buffer.byteLength, 0);
  const [first, second] = [0, 1].map(() => Buffer.concat(encodeMessage(packed.value, packed.transfer)));
  equal(first?.equals(second!), true);
  deepStrictEqual(packed.value, [new Uint8Array(packed.transfer[0] as ArrayBuffer, 1)]);
  deepStrictEqual([...(packed.value as Uint8Array[])[0]!], [2, 3]);
});

test("pack() for tasks leaves large copies in place, so that they can be sent again; for results they move", () => {
  const value = [new Uint8Array(1 << 20)];
  equal(packer.pack(value, "args").transfer.length, 0);
  equal(createPacker({ memory: "shared", maxCaptureSize: 1, sendsOnce: true }).pack(value, "result").transfer.length, 1);
  equal(toProcess.pack(value, "args").transfer.length, 1);
});

test("a large argument between threads is copied once into memory that all share, and each receiver takes a copy of its own", async () => {
  const toThread = createPacker({ memory: "shared", maxCaptureSize: Infinity, sharedCopies: new SharedBlocks() });
  const large = new Float64Array(10_000).fill(0.5);
  const part = Buffer.alloc(200_000, 3).subarray(1000, 90_000);
  const value = [large, new Uint8Array(large.buffer, 8, 16), part, new Uint8Array(8)] as const;
  const packed = toThread.pack(value, "args");
  large[0] = 1;
  const received = [structuredClone(packed.value), structuredClone(packed.value)].map(
    (sent) => createUnpacker().unpack({ value: sent, coded: packed.coded }) as typeof value,
  );
  for (const [copy, view, pooled, small] of received) {
    deepStrictEqual([copy.length, copy[0], copy.buffer instanceof ArrayBuffer, view.buffer], [10_000, 0.5, true, copy.buffer]);
    deepStrictEqual([pooled.length, pooled[5], Buffer.isBuffer(pooled), small], [89_000, 3, true, new Uint8Array(8)]);
    copy.fill(7);
  }
  equal(received[0]![0].buffer === received[1]![0].buffer, false);
  // What functions capture, and what is moved, goes as it did.
  const [, program] = toThread.packFunction(() => large).value as Coded;
  deepStrictEqual([program.length > 0, program.some(([type]) => type === "copy")], [true, false]);
  equal(toThread.pack([large], "args", [large.buffer]).transfer.length, 1);
});

test("pack() keeps resizable buffers and views that grow with them", {
  skip: !("resizable" in ArrayBuffer.prototype) && "needs resizable ArrayBuffers",
}, async () => {
  const resizable = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 64 }]) as ArrayBuffer & { resize(length: number): void };
  for (const carry of [cross, crossToProcess]) {
    const [copy, growing, fixed] = await carry([resizable, new Uint8Array(resizable, 4), new Uint8Array(resizable, 4, 4)] as const);
    copy.resize(16);
    equal(growing.length, 12);
    equal(fixed.length, 4);
    equal(growing.buffer, copy);
  }
});

test("pack() takes values of another realm for what they are", async () => {
  const foreign = runInNewContext("({ object: { a: [1, 2] }, map: new Map([[1, new Date(5)]]), error: new RangeError('r'), bytes: new Uint8Array([1]) })") as {
    object: object;
    map: Map<number, Date>;
    error: Error;
    bytes: Uint8Array;
  };
  const copy = await cross(foreign);
  deepStrictEqual(copy.object, { a: [1, 2] });
  deepStrictEqual(copy.map, new Map([[1, new Date(5)]]));
  ok(copy.error instanceof RangeError);
  equal(copy.error.message, "r");
  deepStrictEqual(copy.bytes, new Uint8Array([1]));
});

test("pack() of a buffer of 1 GiB crosses to a process without a copy beside the one of submit", {
  skip: process.env["DURE_LARGE_TESTS"] === undefined && "takes 3 GiB of memory: set DURE_LARGE_TESTS",
}, async () => {
  const large = new Uint8Array(1 << 30);
  large[large.length - 1] = 7;
  const [copy] = await crossToProcess([large] as const);
  equal(copy.length, large.length);
  equal(copy.at(-1), 7);
});

test("pack() carries function arguments and namespaces of modules", async () => {
  const namespace = await import("./fixtures/shapes.ts");
  const [copy] = (await receive(packer.pack([namespace], "args"))) as [typeof namespace];
  equal(copy.Shape, namespace.Shape);
});
