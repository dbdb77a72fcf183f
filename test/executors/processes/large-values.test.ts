// Large values between a pool and its worker processes: by themselves through memory that both see.

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { ProcessPoolExecutor, WorkerLostError } from "dure";
import { until } from "../../gate.ts";
import { runWithoutMemory } from "./forbidden-memory.ts";

const LINUX = { skip: process.platform !== "linux" && "Linux only" };
const MEBIBYTE = 1024 * 1024;

function pattern(size: number, start = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, index) => (index + start) % 251);
}

/** Bytes that are written to sockets from now on. */
function countWritten(t: TestContext): () => number {
  let written = 0;
  const { write } = Socket.prototype;
  t.mock.method(Socket.prototype, "write", function (this: Socket, ...args: unknown[]) {
    written += (args[0] as Uint8Array).length;
    return Reflect.apply(write, this, args) as boolean;
  });
  return () => written;
}

/** Bytes of memory that hold values, as a process has them open. */
function memoryOf(pid: number | "self"): number {
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`);
  const held = descriptors.flatMap((path) => {
    const { blocks, size } = statSync(path, { throwIfNoEntry: false }) ?? { blocks: 0, size: 0 };
    return size > 1024 * MEBIBYTE ? [512 * blocks] : [];
  });
  return held.reduce((sum, bytes) => sum + bytes, 0);
}

const COUNTS_BYTES = { skip: !existsSync("/proc/self/io") && "the system does not count what a process writes" };

test("large typed arrays do not go through the socket, in either direction", COUNTS_BYTES, async (t) => {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  await executor.submit((bytes: Uint8Array) => bytes, pattern(MEBIBYTE));
  const written = countWritten(t);
  const bytes = pattern(4 * MEBIBYTE);
  const [result, read] = await executor.submit((given: Uint8Array) => {
    const before = process.getBuiltinModule("node:fs").readFileSync("/proc/self/io", "utf8");
    return [given, Number(/wchar: (\d+)/.exec(before)?.[1])] as const;
  }, bytes);
  deepEqual(result, bytes);
  const after = await executor.submit(() => Number(/wchar: (\d+)/.exec(process.getBuiltinModule("node:fs").readFileSync("/proc/self/io", "utf8"))?.[1]));
  ok(written() < 20_000, `${written()} bytes were written to the worker`);
  ok(after - read < 20_000, `${after - read} bytes were written by the worker`);
});

test("long texts, long lists and large objects do not go through the socket either, one way or the other", LINUX, async (t) => {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  const wide = "\u{1F600}".repeat(100_000);
  const values = [
    "x".repeat(MEBIBYTE),
    wide,
    Array.from({ length: 200_000 }, (_, index) => index / 3),
    { list: Array.from({ length: 20_000 }, (_, index) => ({ index, name: `item ${index}` })) },
  ];
  const echo = (value: unknown): unknown => value;
  for (const value of values) await executor.submit(echo, value);
  const written = countWritten(t);
  for (let round = 0; round < 3; round += 1) for (const value of values) deepEqual(await executor.submit(echo, value), value);
  ok(written() < 20_000, `${written()} bytes were written to the worker`);
});

test("what arrives is what was sent: every kind of view, nested, shared and of a class of its own", LINUX, async () => {
  class Samples extends Float64Array {
    get first(): number | undefined {
      return this[0];
    }
  }
  await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  const buffer = pattern(MEBIBYTE).buffer;
  const value = {
    buffer,
    views: [new Uint8Array(buffer, 8, 100_000), new DataView(buffer, 16), new BigInt64Array(buffer), new Int16Array(buffer, 2, 5)],
    map: new Map([["samples", new Samples(20_000).fill(1.5)]]),
    text: Buffer.alloc(100_000, "text"),
    part: Buffer.alloc(300_000, "part").subarray(10, 200_000),
    clamped: new Uint8ClampedArray(100_000).fill(300),
    small: new Float32Array([1, 2]),
    cycle: undefined as unknown,
  };
  value.cycle = value;
  for (let round = 0; round < 2; round += 1) {
    const [result, seen] = await executor.submit(
      (given: typeof value) =>
        [given, [given.map.get("samples")!.first, given.views.every((view) => view.buffer === given.buffer), given.text.toString("utf8", 0, 8)]] as const,
      value,
    );
    deepEqual(seen, [1.5, true, "texttext"]);
    deepEqual(result, value);
    equal(result.cycle, result);
    ok(result.views.every((view) => view.buffer === result.buffer));
    ok(result.map.get("samples") instanceof Samples && Buffer.isBuffer(result.text) && Buffer.isBuffer(result.part));
  }
});

test("what is received is the receiver's own: it can be written to, moved and sent on, and others do not see it", LINUX, async () => {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  const bytes = pattern(MEBIBYTE);
  const change = (given: Uint8Array): Uint8Array => structuredClone(given.fill(9), { transfer: [given.buffer as ArrayBuffer] });
  const [first, second] = [await executor.submit(change, bytes), await executor.submit(change, bytes)];
  deepEqual([bytes[5], first[5], second[5]], [5, 9, 9]);
  first.fill(8);
  const third = await executor.submit(change, bytes);
  deepEqual([first[7], second[7], third[7]], [8, 9, 9]);
  equal(structuredClone(first, { transfer: [first.buffer as ArrayBuffer] }).length, MEBIBYTE);
});

test("arguments are those of the moment of submit, and moved ones are gone from the caller", LINUX, async () => {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  const sum = (given: Uint8Array): number => given.reduce((total, byte) => total + byte, 0);
  await executor.submit(sum, pattern(MEBIBYTE));
  const bytes = new Uint8Array(100_000).fill(1);
  const futures = [executor.submit(sum, bytes)];
  bytes.fill(2);
  futures.push(executor.with({ transfer: [bytes.buffer] }).submit(sum, bytes));
  equal(bytes.length, 0);
  deepEqual(await Promise.all(futures), [100_000, 200_000]);
});

test("each of many tasks that wait gets its own arguments, and memory is given back when they are done", LINUX, async () => {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 2 });
  const items = Array.from({ length: 60 }, (_, index) => pattern(150_000, index));
  for (let round = 0; round < 3; round += 1) deepEqual(await executor.map((bytes: Uint8Array) => bytes, items), items);
  ok(memoryOf("self") > 0);
  await until(() => memoryOf("self") < 100_000);
});

test("a task whose worker dies is given the same arguments again, and nothing is left of the dead worker", LINUX, async () => {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  const bytes = pattern(MEBIBYTE);
  const dieOnce = (given: Uint8Array, pid: number): Uint8Array => {
    if (process.pid !== pid) return given;
    given.fill(0);
    process.kill(process.pid, "SIGKILL");
    return given;
  };
  const open = async (): Promise<number> => {
    const pid = await executor.submit(() => process.pid);
    deepEqual(await executor.with({ retries: 1 }).submit(dieOnce, bytes, pid), bytes);
    return readdirSync("/proc/self/fd").length;
  };
  const before = await open();
  equal(await open(), before);
  equal(await open(), before);
});

test("a worker that is killed while it writes a result fails that task only", LINUX, async () => {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  await executor.submit((bytes: Uint8Array) => bytes, pattern(MEBIBYTE));
  const pid = await executor.submit(() => process.pid);
  const lost = executor.submit((size: number) => {
    const bytes = new Uint8Array(size).fill(1);
    return {
      get bytes() {
        setTimeout(() => {}, 0);
        return bytes;
      },
      get end() {
        return process.kill(process.pid, "SIGKILL");
      },
    };
  }, 8 * MEBIBYTE);
  const [outcome] = await Promise.allSettled([lost]);
  ok(outcome.status === "rejected" && outcome.reason instanceof WorkerLostError);
  ok((await executor.submit(() => process.pid)) !== pid);
  deepEqual(await executor.submit((bytes: Uint8Array) => bytes, pattern(MEBIBYTE)), pattern(MEBIBYTE));
});

test("nothing is left of a pool that has been closed", LINUX, async () => {
  const left = (): unknown => [
    readdirSync("/proc/self/fd").filter((name) => memoryAt(name)).length,
    readFileSync("/proc/self/maps", "utf8").split("dure-values").length,
    readdirSync("/dev/shm").length,
  ];
  const before = left();
  for (const end of ["shutdown", "terminate"] as const) {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    await executor.map((bytes: Uint8Array) => bytes, [pattern(MEBIBYTE), pattern(MEBIBYTE)]);
    const cancelled = executor.submit((bytes: Uint8Array) => bytes, pattern(MEBIBYTE)).catch(() => {});
    await executor[end]();
    await cancelled;
  }
  deepEqual(left(), before);
});

function memoryAt(name: string): boolean {
  return (statSync(`/proc/self/fd/${name}`, { throwIfNoEntry: false })?.size ?? 0) > 1024 * MEBIBYTE;
}

test("stats() says what large values travel in", LINUX, async () => {
  await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  await executor.submit(() => 1);
  const before = readdirSync("/proc/self/fd").length;
  deepEqual(executor.stats().transport, { kind: "socket", largeValues: "shared memory" });
  equal(readdirSync("/proc/self/fd").length, before, "no memory is kept for those who only ask");
});

test("without koffi large values travel in a file in memory, and stats() says why", LINUX, () => {
  const program = `
    import { Module } from "node:module";
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (name, ...rest) { if (name === "koffi") throw new Error("hidden"); return resolve.call(this, name, ...rest); };
    const { ProcessPoolExecutor } = await import("dure");
    const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
    const bytes = Uint8Array.from({ length: 1e6 }, (_, index) => index % 251);
    for (let round = 0; round < 3; round += 1) {
      const result = await executor.submit((given) => given, bytes);
      if (Buffer.compare(result, bytes) !== 0) console.log("differs");
    }
    console.log(JSON.stringify(executor.stats().transport));
    await executor.shutdown();
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  equal(stderr, "");
  deepEqual(JSON.parse(stdout), { kind: "socket", largeValues: "shared file", reason: "the optional package koffi is not installed" });
});

test("a worker that may not open the memory gets all through the socket, and stats() says why", LINUX, () => {
  const printed = runWithoutMemory(`
    await executor.submit(() => 1);
    const bytes = Uint8Array.from({ length: 1e6 }, (_, index) => index % 251);
    for (let round = 0; round < 3; round += 1) {
      const result = await executor.submit((given) => given, bytes);
      if (Buffer.compare(result, bytes) !== 0) console.log("differs");
    }
    console.log(executor.stats().transport.largeValues, executor.stats().transport.reason);
  `);
  match(printed, /^socket .*it is forbidden\n$/);
});
