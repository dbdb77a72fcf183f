// Crossings over a real thread and back: what no other thread could know by sharing the codec's own state.

import assert, { AssertionError, deepStrictEqual, equal, notEqual, ok, rejects, throws } from "node:assert/strict";
import { generateKeySync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { move, RemoteError, SerializationError, WorkerLostError } from "dure";
import { createUnpacker } from "#dure/codec/codec.js";
import type { Packed } from "#dure/codec/crossing.js";
import { packer } from "./crossing-of-values.ts";
import { HiddenError, Shape, ShapeError } from "./fixtures/shapes.ts";

const thread = new Worker(new URL("./fixtures/calling-thread.js", import.meta.url));
const unpacker = createUnpacker();
after(() => thread.terminate());

/** Runs `fn(...args)` in the thread. One call at a time. */
async function call<A extends unknown[], R>(fn: (...args: A) => R, args: A, transfer?: object[]): Promise<Awaited<R>> {
  const packed = { fn: packer.packFunction(fn), args: packer.pack(args, "args", transfer) };
  thread.postMessage(packed, [...packed.args.transfer] as ArrayBuffer[]);
  const [answer] = (await once(thread, "message")) as [{ ok: boolean; packed: Packed }];
  await unpacker.define(answer.packed.templates);
  const value = unpacker.unpack(answer.packed);
  if (!answer.ok) throw value;
  return value as Awaited<R>;
}

async function errorOf(fn: () => unknown): Promise<unknown> {
  try {
    await call(fn, []);
  } catch (error) {
    return error;
  }
  throw new Error("did not throw");
}

test("instances of an exported class come back as instances of the caller's class", async () => {
  const shape = await call((given: Shape) => [given instanceof Shape, given, new Shape("new")] as const, [new Shape("old")]);
  equal(shape[0], true);
  ok(shape[1] instanceof Shape);
  ok(shape[2] instanceof Shape);
  notEqual(shape[1], shape[2]);
});

test("instances of a local class come back as instances of the caller's class", async () => {
  const unit = "m";
  class Length {
    value: number;
    constructor(value: number) {
      this.value = value;
    }
    text(): string {
      return this.value + unit;
    }
  }
  class Width extends Length {}
  const doubled = await call((given: Length) => [new Width(given.value * 2), given.text()] as const, [new Length(2)]);
  ok(doubled[0] instanceof Width);
  equal(doubled[0].text(), "4m");
  equal(doubled[1], "2m");
});

test("a class of fixed meaning is one class in the receiver, over many tasks", async () => {
  class Token {
    readonly kind = "token";
  }
  const keep = (token: Token, key: string): unknown => {
    const kept = globalThis as { [key: string]: unknown };
    const before = kept[key];
    kept[key] = Token;
    return before === undefined ? token instanceof Token : before === Token;
  };
  equal(await call(keep, [new Token(), "kept"]), true);
  equal(await call(keep, [new Token(), "kept"]), true);
});

test("errors of a user's class come back with class, stack, cause and own properties", async () => {
  const error = (await errorOf(() => {
    throw new ShapeError("bad", new Shape("s"), { cause: new AggregateError([new RangeError("r"), "text"], "several") });
  })) as ShapeError;
  ok(error instanceof ShapeError);
  equal(error.message, "bad");
  equal(error.name, "ShapeError");
  ok(error.shape instanceof Shape);
  ok(error.stack?.includes("threads.test"), error.stack);
  ok(error.cause instanceof AggregateError);
  ok(error.cause.errors[0] instanceof RangeError);
  equal(error.cause.errors[1], "text");
  deepStrictEqual(Object.keys(error).sort(), ["name", "shape"]);
});

test("an error that cannot be rebuilt comes back as a RemoteError", async () => {
  const error = (await errorOf(() => {
    throw new HiddenError("hidden");
  })) as RemoteError;
  ok(error instanceof RemoteError);
  equal(error.remoteName, "HiddenError");
  equal(error.message, "hidden");
  equal(error.code, "DURE_REMOTE");
  equal((error as never as { detail: string }).detail, "d");
  ok(error.stack?.includes("threads.test"), error.stack);
});

test("errors of Node, of the web and of dure come back as what they were", async () => {
  const assertion = (await errorOf(() => assert.equal(1, 2))) as AssertionError;
  ok(assertion instanceof AssertionError);
  deepStrictEqual([assertion.actual, assertion.expected, assertion.code], [1, 2, "ERR_ASSERTION"]);
  const aborted = (await errorOf(() => sleep(1000, undefined, { signal: AbortSignal.abort() }))) as Error & { code: string };
  deepStrictEqual([aborted.name, aborted.code], ["AbortError", "ABORT_ERR"]);
  const timedOut = (await errorOf(() => structuredClone(() => 1))) as DOMException;
  ok(timedOut instanceof DOMException);
  deepStrictEqual([timedOut.name, timedOut.code], ["DataCloneError", 25]);
  ok(timedOut.stack?.includes("threads.test"), timedOut.stack);
  const missing = (await errorOf(async () => (await import("node:fs")).readFileSync("/nowhere"))) as NodeJS.ErrnoException;
  deepStrictEqual([missing.code, missing.syscall, missing.path], ["ENOENT", "open", "/nowhere"]);
  const lost = (await errorOf(() => {
    throw new WorkerLostError("gone", { exitCode: 3, signal: null, likelyCause: "unknown", workerIndex: 1 });
  })) as WorkerLostError;
  ok(lost instanceof WorkerLostError);
  deepStrictEqual([lost.code, lost.exitCode, lost.workerIndex], ["DURE_WORKER_LOST", 3, 1]);
});

test("whatever is thrown comes back", async () => {
  const thrown = await Promise.all([undefined, null, 0, "text"].map((value) => value));
  for (const value of thrown) {
    await rejects(
      call(
        (given: unknown) => {
          throw given;
        },
        [value],
      ),
      (reason) => Object.is(reason, value),
    );
  }
  const proxy = (await errorOf(() => {
    throw new Proxy(
      {},
      {
        get: () => {
          throw new Error("trap");
        },
      },
    );
  })) as RemoteError;
  ok(proxy instanceof RemoteError);
  ok(proxy.message.includes("a Proxy"), proxy.message);
  const opaque = (await errorOf(() => {
    throw { weak: new WeakMap() };
  })) as RemoteError;
  ok(opaque instanceof RemoteError);
  ok(opaque.cause instanceof SerializationError);
});

test("a result that cannot cross says where in it", async () => {
  const error = (await errorOf(() => ({ rows: [{ map: new WeakMap() }] }))) as SerializationError;
  ok(error instanceof SerializationError);
  equal(error.path, "result.rows[0].map");
});

test("threads share SharedArrayBuffers, and are moved ports and buffers", async () => {
  const shared = new SharedArrayBuffer(4);
  await call((given: SharedArrayBuffer) => void Atomics.store(new Int32Array(given), 0, 7), [shared]);
  equal(new Int32Array(shared)[0], 7);
  const { port1, port2 } = new MessageChannel();
  await call((port: MessagePort) => port.postMessage("hello"), [port2], [port2]);
  deepStrictEqual(await once(port1, "message"), ["hello"]);
  port1.close();
  const buffer = new Uint8Array([1, 2, 3]).buffer;
  const back = await call((bytes: Uint8Array) => bytes.map((byte) => byte * 2), [new Uint8Array(buffer, 1)], [buffer]);
  equal(buffer.byteLength, 0);
  deepStrictEqual(back, new Uint8Array([4, 6]));
});

test("threads are sent Blobs and keys; processes refuse them, and what is shared, by name", async () => {
  const key = generateKeySync("hmac", { length: 64 });
  const [size, same] = await call((blob: Blob, given: KeyObject) => [blob.size, given] as const, [new Blob(["abc"]), key]);
  equal(size, 3);
  ok(key.equals(same));
});

test("move() moves a result, and an argument, with what it names", async () => {
  const given = new Uint8Array([1, 2, 3]);
  const result = await call(
    (bytes: Uint8Array) => {
      const kept = new Uint8Array(bytes);
      (globalThis as { kept?: Uint8Array }).kept = kept;
      return move({ bytes: kept }, [kept.buffer]);
    },
    [move(given)],
  );
  equal(given.byteLength, 0);
  deepStrictEqual(result.bytes, new Uint8Array([1, 2, 3]));
  equal(await call(() => (globalThis as { kept?: Uint8Array }).kept?.byteLength, []), 0);
  throws(() => move({ bytes: given }), TypeError);
});

test("errors do not show the frames of dure that called the task", async () => {
  const stack = String(
    (
      (await errorOf(() => {
        throw new Error("m");
      })) as Error
    ).stack,
  );
  ok(!stack.includes("/dist/"), stack);
  ok(stack.includes("threads.test"), stack);
});

test("large results move instead of being copied again", async () => {
  const large = await call((size: number) => new Uint8Array(size).fill(1), [1 << 20]);
  equal(large.byteLength, 1 << 20);
  equal(large[5], 1);
});
