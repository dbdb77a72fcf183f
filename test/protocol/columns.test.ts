// What is written into the columns of a message is read from them, whatever carries the message.
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeMessage, MessageDecoder } from "#dure/codec/wire-bytes.js";
import { columnsOfOutcomes, columnsOfTasks, outcomesOf, TaskReader, tasksOf } from "#dure/protocol/columns.js";
import type { WireOutcome, WireTask } from "#dure/protocol/messages.js";

const id = fc.oneof(fc.nat(), fc.constant(2 ** 31), fc.constant(2 ** 53 - 1));
const value = fc.oneof(fc.constant(undefined), fc.constant(null), fc.boolean(), fc.double(), fc.string(), fc.bigInt(), fc.constant({ inner: [1] }));
const args: fc.Arbitrary<readonly [args: unknown, isCoded: boolean]> = fc.oneof(
  fc.array(value, { maxLength: 20 }).map((list) => [list, false] as const),
  fc.tuple(value, fc.constant(true)),
);
const task: fc.Arbitrary<WireTask> = fc
  .tuple(
    id,
    fc.integer({ min: -1, max: 255 }),
    id,
    args,
    fc.integer({ min: 1, max: 5 }),
    fc.constantFrom(0, 0.25, 2),
    fc.option(fc.string(), { nil: undefined }),
  )
  .map(([taskId, slot, functionId, [list, isCoded], attempt, patience, label]) =>
    label === undefined ? [taskId, slot, functionId, list, isCoded, attempt, patience] : [taskId, slot, functionId, list, isCoded, attempt, patience, label],
  );
const outcome: fc.Arbitrary<WireOutcome> = fc.tuple(id, fc.boolean(), value, fc.boolean(), fc.double({ min: 0, noNaN: true }));

/** As it arrives at a process. */
function throughBytes<T>(message: T): T {
  const heard: unknown[] = [];
  const decoder = new MessageDecoder({ message: (arrived: never) => void heard.push(arrived), messageError: (error) => void heard.push(error) });
  for (const part of encodeMessage(message, [])) decoder.push(part);
  return heard[0] as T;
}

const ways: readonly (<T>(message: T) => T)[] = [(message) => message, (message) => structuredClone(message), throughBytes];

test("tasksOf() gives the tasks that columnsOfTasks() was given, for few and for many", () => {
  fc.assert(
    fc.property(fc.array(task, { maxLength: 40 }), (tasks) => {
      for (const carry of ways) deepEqual(tasksOf(carry(columnsOfTasks(tasks))), tasks);
    }),
  );
});

test("outcomesOf() gives the outcomes that columnsOfOutcomes() was given, for few and for many", () => {
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 40 }), (outcomes) => {
      for (const carry of ways) deepEqual(outcomesOf(carry(columnsOfOutcomes(outcomes))), outcomes);
    }),
  );
});

test("TaskReader tells which tasks are ahead", () => {
  const reader = new TaskReader(
    columnsOfTasks([
      [7, -1, 1, [], false, 1, 0],
      [8, -1, 1, [1, 2], false, 1, 0],
      [9, -1, 1, "coded", true, 1, 0],
    ]),
  );
  deepEqual(
    [7, 8, 9, 10].map((taskId) => reader.isAhead(taskId)),
    [true, true, true, false],
  );
  reader.advance();
  reader.advance();
  equal(reader.taskId, 8);
  deepEqual(reader.args, [1, 2]);
  ok(!reader.isAhead(7) && !reader.isAhead(8) && reader.isAhead(9));
});
