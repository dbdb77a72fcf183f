import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { createMappedMemory, openMappedMemory } from "#dure/transport/mapped-memory.js";
import type { MappedMemory } from "#dure/transport/mapped-memory.js";
import { collectGarbage } from "../garbage.ts";

const isLinux = process.platform === "linux";
const MODULE = createRequire(import.meta.url).resolve("#dure/transport/mapped-memory.js");

function create(size: number): MappedMemory {
  const memory = createMappedMemory(size);
  ok(!("reason" in memory));
  return memory;
}

function mappings(): number {
  return readFileSync("/proc/self/maps", "utf8").split("memfd:dure").length - 1;
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Runs a program that is given the memory as descriptor 3. */
function runWith(memory: MappedMemory | undefined, program: string): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", `import { createMappedMemory, openMappedMemory } from ${JSON.stringify(MODULE)};${program}`],
    {
      stdio: ["ignore", "pipe", "pipe", memory?.descriptor ?? "ignore"],
      encoding: "utf8",
    },
  );
  return `${stdout}${stderr}`.trim();
}

test("what one process writes another one reads, and both can count in it", { skip: !isLinux && "Linux only" }, () => {
  const memory = create(8192);
  const words = new Int32Array(memory.buffer);
  Atomics.store(words, 2, 40);
  const said = runWith(
    memory,
    `const { buffer } = openMappedMemory(3); const words = new Int32Array(buffer); Atomics.add(words, 2, 2); new Uint8Array(buffer).set([7], 8191); console.log(buffer.byteLength);`,
  );
  deepEqual([said, Atomics.load(words, 2), new Uint8Array(memory.buffer)[8191]], ["8192", 42, 7]);
  memory.release();
});

test("a process that is killed leaves what it has written, and no file, mapping or descriptor", { skip: !isLinux && "Linux only" }, () => {
  create(4096).release();
  const [openBefore, mappedBefore, files] = [descriptors(), mappings(), readdirSync("/dev/shm").length];
  const memory = create(4096);
  runWith(memory, `new Int32Array(openMappedMemory(3).buffer)[0] = 5; process.kill(process.pid, "SIGKILL");`);
  equal(new Int32Array(memory.buffer)[0], 5);
  memory.release();
  memory.release();
  deepEqual([descriptors(), mappings(), readdirSync("/dev/shm").length], [openBefore, mappedBefore, files]);
});

test("a view that outlives its memory reads zeros and may be written to", { skip: !isLinux && "Linux only" }, () => {
  const memory = create(4096);
  const words = new Int32Array(memory.buffer);
  words[0] = 5;
  memory.release();
  equal(words[0], 0);
  words[0] = 6;
  equal(words[0], 6);
});

test("the addresses of released memory are given back with its buffer", { skip: !isLinux && "Linux only" }, async () => {
  const count = (): number => readFileSync("/proc/self/maps", "utf8").split("\n").length;
  const take = (): void => create(1024 * 1024).release();
  take();
  const before = count();
  for (let round = 0; round < 50; round += 1) take();
  for (let round = 0; round < 50 && count() > before + 10; round += 1) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  ok(count() <= before + 10);
});

test("createMappedMemory() says why there is none where koffi cannot be loaded", { skip: !isLinux && "Linux only" }, () => {
  const hide = `import { Module } from "node:module"; const load = Module._resolveFilename; Module._resolveFilename = function (name, ...rest) { if (name === "koffi") throw new Error("hidden"); return load.call(this, name, ...rest); };`;
  match(runWith(undefined, `${hide} console.log(createMappedMemory(4096).reason);`), /koffi is not installed/);
});

test("openMappedMemory() says why a descriptor is none of such memory", () => {
  ok("reason" in openMappedMemory(1_000_000));
});
