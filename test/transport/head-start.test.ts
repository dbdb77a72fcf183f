// Values that are read while they are still being written.

import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StepReader, StepWriter, type ComingValue } from "#dure/transport/head-start.js";
import { createSharedBytes, WORDS_SIZE, type SharedBytes } from "#dure/transport/shared-bytes.js";
import { until } from "../gate.ts";

const LINUX = { skip: process.platform !== "linux" && "Linux only" };
const KIBIBYTE = 1024;

function create(): SharedBytes {
  const bytes = createSharedBytes(16 * KIBIBYTE * KIBIBYTE);
  ok("descriptor" in bytes);
  return bytes;
}

function pattern(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 7 + seed) % 251);
}

/** What a writer announces. */
function written(writer: StepWriter, bytes: Uint8Array): ComingValue {
  let announced: ComingValue | undefined;
  writer.write(WORDS_SIZE, bytes, (coming) => (announced = coming));
  ok(announced !== undefined);
  return announced;
}

test("a value that is read between any of the steps in which it is written comes out whole", LINUX, () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 * KIBIBYTE }), fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), (size, reads) => {
      const memory = create();
      const reader = new StepReader();
      const bytes = pattern(size, size);
      let step = 0;
      const write = memory.write.bind(memory);
      memory.write = (at, part) => {
        // Before it is written, so before it is said to be.
        if (reads[step++ % reads.length] === true) reader.goOn();
        return write(at, part);
      };
      new StepWriter(memory).write(WORDS_SIZE, bytes, (coming) => reader.begin(memory, coming));
      deepEqual(new Uint8Array(reader.take(WORDS_SIZE, size)!), bytes);
      equal(reader.take(WORDS_SIZE, size), undefined);
      memory.close();
    }),
    { numRuns: 50 },
  );
});

test("a reader that nobody holds up has read all but the last step when that is written", LINUX, () => {
  const memory = create();
  const reader = new StepReader();
  const bytes = pattern(512 * KIBIBYTE, 1);
  const seen: boolean[] = [];
  const write = memory.write.bind(memory);
  memory.write = (at, part) => {
    seen.push(reader.goOn());
    return write(at, part);
  };
  new StepWriter(memory).write(WORDS_SIZE, bytes, (coming) => reader.begin(memory, coming));
  deepEqual(seen, [false, true, true, true]);
  equal(reader.isUnfinished, true);
  equal(reader.goOn(), true);
  equal(reader.isUnfinished, false);
  memory.close();
});

test("only the value that was announced last is given, and only for its own place", LINUX, () => {
  const memory = create();
  const [writer, reader] = [new StepWriter(memory), new StepReader()];
  const bytes = pattern(100, 2);
  reader.begin(memory, written(writer, bytes));
  deepEqual([reader.take(WORDS_SIZE, 99), reader.take(WORDS_SIZE + 1, 100)], [undefined, undefined]);
  deepEqual(new Uint8Array(reader.take(WORDS_SIZE, 100)!), bytes);
  memory.close();
});

test("what has been read of a value is not given for another that was put down in its place", LINUX, () => {
  const memory = create();
  const [writer, reader] = [new StepWriter(memory), new StepReader()];
  let coming: ComingValue | undefined;
  const serial = writer.write(WORDS_SIZE, pattern(100, 3), (announced) => (coming = announced));
  reader.begin(memory, coming!);
  equal(reader.goOn(), true);
  writer.forget(serial);
  memory.write(WORDS_SIZE, pattern(100, 4));
  equal(reader.take(WORDS_SIZE, 100), undefined);
  equal(reader.goOn(), false);
  equal(reader.isUnfinished, false);
  memory.close();
});

test("a value keeps its number until its place is free, or so many others were announced that their words are needed", LINUX, () => {
  const memory = create();
  const [writer, reader] = [new StepWriter(memory), new StepReader()];
  reader.begin(memory, written(writer, pattern(100, 5)));
  for (let others = 0; others < 128; others += 1) {
    if (others === 127) deepEqual(reader.goOn(), true);
    written(writer, pattern(100, 5));
  }
  equal(reader.take(WORDS_SIZE, 100), undefined);
  memory.close();
});

test("what nobody asks for is dropped, and so is what there is no room for", LINUX, async () => {
  const memory = create();
  const [writer, reader] = [new StepWriter(memory), new StepReader(1)];
  reader.begin(memory, written(writer, pattern(100, 6)));
  equal(reader.isUnfinished, true);
  await until(() => !reader.isUnfinished);
  equal(reader.take(WORDS_SIZE, 100), undefined);
  memory.allocate = () => {
    throw new RangeError("no room");
  };
  reader.begin(memory, written(writer, pattern(100, 6)));
  deepEqual([reader.isUnfinished, reader.goOn(), reader.take(WORDS_SIZE, 100)], [false, false, undefined]);
  memory.close();
});
