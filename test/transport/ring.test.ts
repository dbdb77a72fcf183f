import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { frameMemory } from "#dure/codec/trees/memory.js";
import { LARGEST_FRAME, RING_CAPACITY, RING_SIZE, RingReader, RingWriter } from "#dure/transport/ring.js";

const HEADER_SIZE = 8;
const OFFSET = 64;

function open(buffer: ArrayBufferLike = new SharedArrayBuffer(OFFSET + RING_SIZE)): { readonly writer: RingWriter; readonly reader: RingReader } {
  return { writer: new RingWriter(frameMemory(buffer), OFFSET), reader: new RingReader(frameMemory(buffer), OFFSET) };
}

/** Fills a frame of `size` bytes with words that all depend on `seed`. */
function put(writer: RingWriter, size: number, seed: number): boolean {
  const at = writer.reserve(size);
  if (at < 0) return false;
  for (let word = 0; word < size >> 2; word += 1) writer.memory.words[(at >> 2) + word] = seed + word;
  writer.publish();
  return true;
}

/** The seed of the next frame, whose words are all looked at; undefined if there is none. */
function take(reader: RingReader, size: number): number | undefined {
  const at = reader.next();
  if (at < 0) return undefined;
  const seed = reader.memory.words[at >> 2]!;
  for (let word = 0; word < size >> 2; word += 1) equal(reader.memory.words[(at >> 2) + word], seed + word);
  reader.advance();
  return seed;
}

for (const [kind, buffer] of [
  ["shared memory", new SharedArrayBuffer(OFFSET + RING_SIZE)],
  ["memory that is not shared by its type, as what another process has mapped", new ArrayBuffer(OFFSET + RING_SIZE)],
] as const) {
  test(`a ring in ${kind} gives frames back in the order put in, each whole`, () => {
    const { writer, reader } = open(buffer);
    equal(reader.isEmpty, true);
    equal(take(reader, 8), undefined);
    ok(put(writer, 8, 1000));
    ok(put(writer, 64, 2000));
    equal(reader.isEmpty, false);
    deepEqual([take(reader, 8), take(reader, 64), take(reader, 8)], [1000, 2000, undefined]);
  });
}

test("a frame that was reserved and not published is never seen", () => {
  const { writer, reader } = open();
  const at = writer.reserve(16);
  writer.memory.words[at >> 2] = 7;
  equal(reader.isEmpty, true);
  ok(put(writer, 16, 5));
  equal(take(reader, 16), 5);
});

test("a full ring refuses a frame, and takes it once the reader has made room", () => {
  const { writer, reader } = open();
  const size = 1000;
  let count = 0;
  while (put(writer, size, count)) count += 1;
  equal(count, Math.floor(RING_CAPACITY / (size + HEADER_SIZE)));
  // The reader tells what it has passed from an eighth of the capacity on.
  let taken = 0;
  for (; taken * (size + HEADER_SIZE) < RING_CAPACITY / 8; taken += 1) {
    equal(put(writer, size, 0), false);
    equal(take(reader, size), taken);
  }
  // One less: it has begun anew at the start, and what was left at the end is lost.
  for (; taken > 1; taken -= 1) ok(put(writer, size, count));
  equal(put(writer, size, 0), false);
});

test("a frame larger than the largest is refused by an empty ring, and the largest is taken wherever the ring is", () => {
  const { writer, reader } = open();
  equal(writer.reserve(LARGEST_FRAME - HEADER_SIZE + 1), -1);
  for (let round = 0; round < 50; round += 1) {
    ok(put(writer, LARGEST_FRAME - HEADER_SIZE, round));
    equal(take(reader, LARGEST_FRAME - HEADER_SIZE), round);
    ok(put(writer, 8 + 8 * round, round));
    equal(take(reader, 8), round);
  }
});

test("frames of every size in random interleavings of writing and reading are read as a queue would give them", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ min: 8, max: LARGEST_FRAME }), fc.constant(-1)), { maxLength: 300, size: "max" }), (steps) => {
      const { writer, reader } = open();
      const queue: [size: number, seed: number][] = [];
      for (const [seed, size] of steps.entries()) {
        if (size >= 0) {
          const whole = size & ~7;
          if (put(writer, whole, seed)) queue.push([whole, seed]);
          continue;
        }
        const expected = queue.shift();
        if (expected === undefined) equal(reader.isEmpty, true);
        else equal(take(reader, expected[0]), expected[1]);
      }
      for (const [size, seed] of queue) equal(take(reader, size), seed);
      equal(reader.isEmpty, true);
    }),
    { numRuns: 200 },
  );
});

test("two threads hand 200,000 frames of many sizes over, none torn or out of order", async () => {
  const buffer = new SharedArrayBuffer(OFFSET + RING_SIZE);
  const count = 200_000;
  const writing = new Worker(new URL("./fixtures/ring-writer.js", import.meta.url), { workerData: { buffer, offset: OFFSET, count } });
  const exited = new Promise((resolve) => writing.once("exit", resolve));
  const { reader } = open(buffer);
  let seen = 0;
  while (seen < count) {
    const at = reader.next();
    if (at < 0) {
      // The writer may need this core.
      await new Promise(setImmediate);
      continue;
    }
    const { words } = reader.memory;
    if (words[at >> 2] !== seen) equal(words[at >> 2], seen);
    const length = words[(at >> 2) + 1]!;
    for (let word = 2; word < length; word += 1) if (words[(at >> 2) + word] !== seen + word) equal(words[(at >> 2) + word], seen + word);
    reader.advance();
    seen += 1;
  }
  await exited;
  equal(reader.isEmpty, true);
});
