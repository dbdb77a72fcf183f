import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fstatSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { release } from "node:os";
import { test } from "node:test";
import { SharedStore } from "#dure/transport/payload-store.js";
import { createSharedBytes, openSharedBytes, placeOf, readBytes } from "#dure/transport/shared-bytes.js";
import type { SharedBytes } from "#dure/transport/shared-bytes.js";
import { until } from "../gate.ts";

const LINUX = { skip: process.platform !== "linux" && "Linux only" };
const SIZE = 16 * 1024 * 1024;
const MODULE = createRequire(import.meta.url).resolve("#dure/transport/shared-bytes.js");
const HIDE_KOFFI = `import { Module } from "node:module"; const resolve = Module._resolveFilename; Module._resolveFilename = function (name, ...rest) { if (name === "koffi") throw new Error("hidden"); return resolve.call(this, name, ...rest); };`;

function create(): SharedBytes {
  const bytes = createSharedBytes(SIZE);
  ok("descriptor" in bytes);
  return bytes;
}

function open(bytes: SharedBytes, place = placeOf(bytes)): SharedBytes {
  const opened = openSharedBytes(place);
  ok("descriptor" in opened);
  return opened;
}

function ofMemory(bytes: SharedBytes): number {
  return 512 * fstatSync(bytes.descriptor).blocks;
}

const PATTERN: Uint8Array = Uint8Array.from({ length: 5_000_000 }, (_, index) => index % 251);

for (const isMapped of [true, false]) {
  const how = isMapped ? "mapped" : "as a file";
  test(`what one side writes the other side reads, ${how}`, LINUX, () => {
    const bytes = create();
    const other = open(bytes, isMapped ? placeOf(bytes) : { ...placeOf(bytes), place: undefined });
    equal(other.reason === undefined, isMapped);
    equal(bytes.write(8192, PATTERN), true);
    deepEqual(new Uint8Array(readBytes(other, 8192, PATTERN.byteLength)), PATTERN);
    other.write(8192, PATTERN.subarray(1));
    deepEqual(new Uint8Array(readBytes(bytes, 8192, 1000)), PATTERN.slice(1, 1001));
    other.setWord(3, 77);
    deepEqual([bytes.word(3), other.word(3), bytes.word(2)], [77, 77, 0]);
    other.close();
    bytes.close();
  });
}

test("what is read is a buffer like any other, and can be moved", LINUX, () => {
  const bytes = create();
  bytes.write(4096, PATTERN);
  const buffer = readBytes(bytes, 4096, PATTERN.byteLength);
  bytes.close();
  const moved = structuredClone(buffer, { transfer: [buffer] });
  deepEqual([buffer.byteLength, new Uint8Array(moved)], [0, PATTERN]);
});

test("it takes up what is written, and shrink() gives that back", LINUX, () => {
  const bytes = create();
  ok(ofMemory(bytes) < 100_000);
  bytes.write(4096, PATTERN);
  ok(ofMemory(bytes) >= PATTERN.byteLength);
  bytes.shrink(8192);
  ok(ofMemory(bytes) < 100_000);
  deepEqual(
    new Uint8Array(readBytes(bytes, 4096, 8192)).slice(0, 8192),
    Uint8Array.from({ length: 8192 }, (_, index) => (index < 4096 ? index % 251 : 0)),
  );
  bytes.close();
});

test("nothing is left of closed memory: no descriptor, no mapping, no file", LINUX, () => {
  create().close();
  const left = (): unknown => [
    readdirSync("/proc/self/fd").length,
    readFileSync("/proc/self/maps", "utf8").split("dure-values").length,
    readdirSync("/dev/shm").length,
  ];
  const before = left();
  const bytes = create();
  open(bytes).close();
  bytes.close();
  bytes.close();
  bytes.setWord(0, 1);
  deepEqual([left(), bytes.word(0)], [before, 0]);
});

test("openSharedBytes() says why it cannot", LINUX, () => {
  const opened = openSharedBytes({ pid: process.pid, descriptor: 1_000_000, size: SIZE, place: undefined });
  ok(!("descriptor" in opened));
  match(opened.reason, /cannot open shared memory: ENOENT/);
});

test("without koffi it is a file, which says why, and refuses what there is no room for", LINUX, () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `${HIDE_KOFFI} import { createSharedBytes } from ${JSON.stringify(MODULE)}; import fs from "node:fs"; import { syncBuiltinESMExports } from "node:module";
      const bytes = createSharedBytes(${SIZE}); console.log(bytes.reason, bytes.write(4096, new Uint8Array(5)));
      fs.writeSync = () => { throw Object.assign(new Error("full"), { code: "ENOSPC" }); }; syncBuiltinESMExports(); console.log(bytes.write(4096, new Uint8Array(5)));`,
    ],
    { encoding: "utf8" },
  );
  equal(`${stdout}${stderr}`, "the optional package koffi is not installed true\nfalse\n");
});

/** Linux can fetch pages from 5.14 on. */
const [major = 0, minor = 0] = release().split(".").map(Number);
const FETCHING = { skip: LINUX.skip || (major * 1000 + minor < 5014 && "Linux 5.14 or later only") };

test("new memory to read into is there before it is written to", FETCHING, () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { createSharedBytes } from ${JSON.stringify(MODULE)};
      const bytes = createSharedBytes(${SIZE}); const kept = []; const rss = () => process.memoryUsage.rss() / 2 ** 20;
      const before = rss(); for (let n = 0; n < 32; n += 1) kept.push(bytes.allocate(2 ** 20)); console.log(rss() - before > 24, kept.length);`,
    ],
    { encoding: "utf8" },
  );
  equal(`${stdout}${stderr}`, "true 32\n");
});

test("a store gives memory back when values have not needed it for a while", LINUX, async () => {
  let looks = 0;
  const store = new SharedStore(create(), { look: () => void (looks += 1), keptMs: 1 });
  const stored = store.put(PATTERN);
  ok(stored !== undefined && !store.isEmpty);
  await until(() => looks > 3);
  ok(ofMemory(store.bytes) >= PATTERN.byteLength);
  stored.letGo();
  await until(() => ofMemory(store.bytes) < 100_000);
  ok(store.isEmpty);
  store.close();
});

test("a store keeps what is held for another reason, and has no room for what is too large", LINUX, () => {
  const store = new SharedStore(create());
  const stored = store.put(PATTERN);
  ok(stored !== undefined);
  stored.hold();
  stored.letGo();
  equal(store.isEmpty, false);
  stored.letGo();
  stored.letGo();
  equal(store.isEmpty, true);
  equal(store.put(new Uint8Array(SIZE)), undefined);
  equal(store.put(PATTERN)?.at, stored.at);
  store.close();
});
