import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { isAllocatorTuned, keepNoMemory, WarmMemory, warmMemory } from "#dure/transport/warm-memory.js";
import { until } from "../gate.ts";

const MEBIBYTE = 1024 * 1024;

class Recorder {
  readonly calls: string[] = [];

  tune(parameter: number, value: number): number {
    this.calls.push(`${parameter} ${value}`);
    return 1;
  }

  allocate(): bigint {
    this.calls.push("allocate");
    return 7n;
  }

  free(address: bigint): void {
    this.calls.push(`free ${address}`);
  }
}

test("the allocator keeps more while large values come, and is as before when they have not come for a while", async () => {
  const recorder = new Recorder();
  const memory = new WarmMemory(recorder, 1);
  equal(memory.allocate(1000).byteLength, 1000);
  deepEqual(recorder.calls, []);
  equal(memory.allocate(MEBIBYTE).byteLength, MEBIBYTE);
  memory.allocate(MEBIBYTE);
  const asItWouldByItself = [`-3 ${32 * MEBIBYTE}`, `-1 ${256 * MEBIBYTE}`];
  deepEqual(recorder.calls, asItWouldByItself);
  await until(() => recorder.calls.length > 2);
  const givenBack = [`-1 ${64 * MEBIBYTE}`, "allocate", "free 7"];
  deepEqual(recorder.calls, [...asItWouldByItself, ...givenBack]);
  memory.allocate(MEBIBYTE);
  deepEqual(recorder.calls.slice(5), asItWouldByItself);
});

test("the largest buffers come from what is kept, too, and nothing else changes", () => {
  const recorder = new Recorder();
  const memory = new WarmMemory(recorder);
  equal(memory.allocate(40 * MEBIBYTE).byteLength, 40 * MEBIBYTE);
  deepEqual(recorder.calls.slice(2), ["-4 0", "-4 65536"]);
});

test("where memory is watched none is kept", () => {
  const recorder = new Recorder();
  equal(warmMemory(recorder), warmMemory(recorder));
  keepNoMemory();
  deepEqual([warmMemory(recorder), warmMemory(undefined)], [undefined, undefined]);
});

test("an allocator that somebody has tuned is left alone", () => {
  equal(isAllocatorTuned({ PATH: "/bin", GLIBC_TUNABLES: "glibc.cpu.x=1" }), false);
  equal(isAllocatorTuned({ MALLOC_TRIM_THRESHOLD_: "1" }), true);
  equal(isAllocatorTuned({ GLIBC_TUNABLES: "glibc.malloc.mmap_max=1" }), true);
});
