// Memory in which large arguments cross to threads, and when it is used again.

import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { SharedBlocks } from "#dure/transport/shared-blocks.js";
import { until } from "../gate.ts";

const bytesOf = (size: number, fill: number): Uint8Array => new Uint8Array(size).fill(fill);

test("a copy is of the bytes as they are, in memory that has room for them and little more", () => {
  const blocks = new SharedBlocks();
  for (const size of [1, 7, 4096, 65_536, 100_000, 1_000_001, 2 ** 20, 5_000_000]) {
    const bytes = bytesOf(size, 7);
    const { memory } = blocks.copy(bytes);
    bytes.fill(8);
    ok(memory.byteLength >= size && memory.byteLength <= Math.max(8, size * 1.125), `${memory.byteLength} for ${size}`);
    deepEqual(new Uint8Array(memory, 0, size), bytesOf(size, 7));
  }
});

test("memory is used again once nobody holds it, and not before", () => {
  const blocks = new SharedBlocks();
  const first = blocks.copy(bytesOf(100_000, 1));
  first.hold();
  first.letGo();
  const second = blocks.copy(bytesOf(100_000, 2));
  notEqual(second.memory, first.memory);
  deepEqual(new Uint8Array(first.memory, 0, 100_000), bytesOf(100_000, 1));
  first.letGo();
  // Whoever lets go of it once more changes nothing.
  first.letGo();
  equal(blocks.keptSize, first.memory.byteLength);
  const third = blocks.copy(bytesOf(99_000, 3));
  equal(third.memory, first.memory);
  notEqual(blocks.copy(bytesOf(99_000, 4)).memory, first.memory);
  deepEqual(new Uint8Array(third.memory, 0, 99_000), bytesOf(99_000, 3));
});

test("what is much larger or smaller is not taken for it", () => {
  const blocks = new SharedBlocks();
  const copy = blocks.copy(bytesOf(100_000, 1));
  copy.letGo();
  notEqual(blocks.copy(bytesOf(200_000, 2)).memory, copy.memory);
  notEqual(blocks.copy(bytesOf(50_000, 2)).memory, copy.memory);
});

test("not more is kept than allowed", () => {
  const blocks = new SharedBlocks({ mostKept: 250_000 });
  const copies = Array.from({ length: 5 }, () => blocks.copy(bytesOf(100_000, 1)));
  for (const copy of copies) copy.letGo();
  equal(blocks.keptSize, 2 * copies[0]!.memory.byteLength);
});

test("what is not needed is given back after a while, and what is needed stays", async () => {
  const blocks = new SharedBlocks({ keptMs: 5 });
  for (const copy of [1, 2, 3].map((fill) => blocks.copy(bytesOf(100_000, fill)))) copy.letGo();
  const small = blocks.copy(bytesOf(65_536, 1));
  small.letGo();
  const size = blocks.copy(bytesOf(100_000, 4)).memory.byteLength;
  // One at a time is needed from here on.
  await until(() => {
    blocks.copy(bytesOf(100_000, 5)).letGo();
    return blocks.keptSize === size;
  });
  await until(() => blocks.keptSize === 0);
});
