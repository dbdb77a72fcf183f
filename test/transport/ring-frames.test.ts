import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FromWorker, ToWorker } from "#dure/protocol/messages.js";
import { columnsOfOutcomes, columnsOfTasks, outcomesOf, tasksOf } from "#dure/protocol/columns.js";
import { RING_SIZE, RingReader, RingWriter, ringMemory } from "#dure/transport/ring.js";
import { FINISHED_FRAMES, RUN_FRAMES, type FrameForm } from "#dure/transport/ring-frames.js";

/** What comes out of a ring; undefined if the message is refused. */
function through<M>(form: FrameForm<M>, message: M): M | undefined {
  const memory = ringMemory(new SharedArrayBuffer(RING_SIZE));
  const reader = new RingReader(memory, 0);
  if (!form.write(new RingWriter(memory, 0), message)) {
    equal(reader.isEmpty, true);
    return undefined;
  }
  const read = form.read(memory, reader.next());
  reader.advance();
  equal(reader.isEmpty, true);
  return read;
}

const primitive = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(undefined, null, true, false, -0, NaN, Infinity, "", "\0", "\u{1F600}", "\uD800", 2n ** 64n - 1n, -(2n ** 64n) + 1n),
  fc.string({ maxLength: 256, unit: "binary" }).filter((text) => text.length <= 256),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
);

test("tasks whose arguments are primitives come out of a frame as they went in", () => {
  const task = fc.tuple(fc.maxSafeNat(), fc.integer({ min: -1 }), fc.nat(), fc.array(primitive, { maxLength: 4 }), fc.constant(false), fc.nat());
  fc.assert(
    fc.property(fc.array(task, { maxLength: 20 }), (tasks) => {
      const message: ToWorker = { type: "run", tasks: columnsOfTasks(tasks) };
      const read = through<ToWorker>(RUN_FRAMES, message);
      // Refused only for its size.
      if (read === undefined) {
        ok(JSON.stringify(tasks, (_, value) => (typeof value === "bigint" ? String(value) : (value as unknown))).length > 500);
        return;
      }
      equal(read.type, "run");
      deepEqual(read.type === "run" && tasksOf(read.tasks), tasksOf(message.tasks));
    }),
    { numRuns: 300 },
  );
});

test("outcomes that are primitives come out of a frame as they went in", () => {
  const outcome = fc.tuple(fc.maxSafeNat(), fc.boolean(), primitive, fc.constant(false), fc.double({ min: 0, noNaN: true }));
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 20 }), (outcomes) => {
      const message: FromWorker = { type: "finished", outcomes: columnsOfOutcomes(outcomes) };
      const read = through<FromWorker>(FINISHED_FRAMES, message);
      if (read === undefined) {
        ok(outcomes.some(([, , value]) => typeof value === "string" && value.length > 100));
        return;
      }
      equal(read.type, "finished");
      deepEqual(read.type === "finished" && outcomesOf(read.outcomes), outcomes);
    }),
    { numRuns: 300 },
  );
});

const tasks = columnsOfTasks([[1, 2, 3, [4], false, 1]]);
const outcomes = columnsOfOutcomes([[1, true, 4, false, 0.5]]);

for (const [what, message] of [
  ["functions", { type: "run", tasks, functions: [] }],
  ["templates", { type: "run", tasks, templates: [] }],
  ["functions to forget", { type: "run", tasks, forget: [1] }],
  ["a label", { type: "run", tasks: columnsOfTasks([[1, 2, 3, [4], false, 1, "label"]]) }],
  ["an object", { type: "run", tasks: columnsOfTasks([[1, 2, 3, [{}], false, 1]]) }],
  ["coded arguments", { type: "run", tasks: columnsOfTasks([[1, 2, 3, [[], []], true, 1]]) }],
  ["a long string", { type: "run", tasks: columnsOfTasks([[1, 2, 3, ["x".repeat(257)], false, 1]]) }],
  ["a large bigint", { type: "run", tasks: columnsOfTasks([[1, 2, 3, [2n ** 64n], false, 1]]) }],
  ["nothing to run", { type: "stop" }],
] as const satisfies readonly (readonly [string, ToWorker])[]) {
  test(`a message with ${what} is none for a ring`, () => equal(through<ToWorker>(RUN_FRAMES, message), undefined));
}

for (const [what, message] of [
  ["templates", { type: "finished", outcomes, templates: [] }],
  ["the memory in use", { type: "finished", outcomes, memory: 1 }],
  ["a symbol", { type: "finished", outcomes: columnsOfOutcomes([[1, true, Symbol.iterator, false, 1]]) }],
  ["no outcomes", { type: "progress", taskId: 1, fraction: 0.5, note: undefined }],
] as const satisfies readonly (readonly [string, FromWorker])[]) {
  test(`an answer with ${what} is none for a ring`, () => equal(through<FromWorker>(FINISHED_FRAMES, message), undefined));
}

test("a message that a full ring has no room for is refused whole", () => {
  const memory = ringMemory(new SharedArrayBuffer(RING_SIZE));
  const writer = new RingWriter(memory, 0);
  const reader = new RingReader(memory, 0);
  let written = 0;
  while (FINISHED_FRAMES.write(writer, { type: "finished", outcomes: columnsOfOutcomes([[written, true, "some text", false, 1]]) })) written += 1;
  for (let read = 0; read < written; read += 1) {
    const message = FINISHED_FRAMES.read(memory, reader.next());
    reader.advance();
    deepEqual(message.type === "finished" && outcomesOf(message.outcomes), [[read, true, "some text", false, 1]]);
  }
  equal(reader.isEmpty, true);
});
