import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeMessage, MessageDecoder } from "#dure/codec/wire-bytes.js";
import { columnsOfOutcomes, columnsOfTasks, outcomesOf, tasksOf } from "#dure/protocol/columns.js";
import type { FinishedMessage, RunMessage, ToWorker } from "#dure/protocol/messages.js";
import { decodeCompact, encodeCompact, keepEncoded } from "#dure/transport/compact-frames.js";
import { FINISHED_FRAMES, RUN_FRAMES } from "#dure/transport/ring-frames.js";

function runOf(count: number, argument: (index: number) => unknown = (index) => index): RunMessage {
  return { type: "run", tasks: columnsOfTasks(Array.from({ length: count }, (_, index) => [index, index, 1, [argument(index)], false, 1, 0.25] as const)) };
}

/** What arrives, in chunks of this size, of messages that are written as channels write them. */
function carry(messages: readonly ToWorker[], size: number): ToWorker[] {
  const bytes = Buffer.concat(messages.flatMap((message) => [...(encoded(message) ?? encodeMessage(message, []))]));
  const heard: ToWorker[] = [];
  const decoder = new MessageDecoder({ message: (message: ToWorker) => heard.push(message), messageError: assert.fail }, (body) =>
    decodeCompact(RUN_FRAMES, body),
  );
  for (let from = 0; from < bytes.length; from += size) decoder.push(bytes.subarray(from, from + size));
  assert.equal(decoder.isWithinMessage, false);
  return heard;
}

function encoded(message: ToWorker): Uint8Array[] | undefined {
  const frame = encodeCompact(RUN_FRAMES, message);
  return frame && [Uint8Array.from(frame)];
}

function shown(message: ToWorker): unknown {
  return message.type === "run" ? { ...message, tasks: tasksOf(message.tasks) } : message;
}

test("encodeCompact() and decodeCompact() carry tasks among other messages, in chunks of any size", () => {
  const messages: ToWorker[] = [
    runOf(1),
    { type: "stop" },
    runOf(100),
    runOf(3, (index) => "é".repeat(index)),
    { type: "abort", taskId: 1, reason: { value: 1, coded: false } },
    runOf(2),
  ];
  assert.deepEqual(
    messages.map((message) => encoded(message) !== undefined),
    [true, false, true, true, false, true],
  );
  for (const size of [1, 7, 8, 9, 100, 1_000, 1_000_000]) assert.deepEqual(carry(messages, size).map(shown), messages.map(shown), `chunks of ${size} bytes`);
});

test("encodeCompact() leaves what is too large or more than data to others", () => {
  const ofText = (length: number): RunMessage => runOf(1_000, () => "x".repeat(length));
  assert.notEqual(encodeCompact(RUN_FRAMES, ofText(10_000)), undefined);
  assert.equal(encodeCompact(RUN_FRAMES, ofText(20_000)), undefined);
  assert.equal(
    encodeCompact(
      RUN_FRAMES,
      runOf(1, () => /x/),
    ),
    undefined,
  );
});

test("encodeCompact() and decodeCompact() carry records that are larger than what is kept", () => {
  const messages = [runOf(1), runOf(20_000, (index) => [{ index, name: `record ${index}` }]), runOf(2)];
  for (const size of [65_536, 100_000_000]) assert.deepEqual(carry(messages, size).map(shown), messages.map(shown), `chunks of ${size} bytes`);
});

test("encodeCompact() uses its buffer again, unless that is still needed", () => {
  const first = encodeCompact(RUN_FRAMES, runOf(1)) as Uint8Array;
  assert.equal(encodeCompact(RUN_FRAMES, runOf(2))?.buffer, first.buffer);
  keepEncoded();
  assert.notEqual(encodeCompact(RUN_FRAMES, runOf(2))?.buffer, first.buffer);
});

test("decodeCompact() reads outcomes whose body is not aligned", () => {
  const outcomes = [[7, true, -0, false, 0.25] as const, [8, false, "why", true, 1] as const];
  const message: FinishedMessage = { type: "finished", outcomes: columnsOfOutcomes(outcomes) };
  const frame = encodeCompact(FINISHED_FRAMES, message) as Uint8Array;
  const shifted = new Uint8Array(frame.length + 3);
  shifted.set(frame, 3);
  const read = decodeCompact(FINISHED_FRAMES, shifted.subarray(3 + 8)) as FinishedMessage;
  assert.deepEqual(outcomesOf(read.outcomes), outcomes);
});
