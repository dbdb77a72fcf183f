import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { serialize } from "node:v8";
import fc from "fast-check";
import type { FromWorker, ToWorker } from "#dure/protocol/messages.js";
import { columnsOfOutcomes, columnsOfTasks, OutcomeReader, outcomesOf, tasksOf } from "#dure/protocol/columns.js";
import { LARGEST_FRAME, RING_SIZE, RingReader, RingWriter } from "#dure/transport/ring.js";
import { FINISHED_FRAMES, RUN_FRAMES, type FrameForm, type FrameSpace } from "#dure/transport/ring-frames.js";
import { frameMemory } from "#dure/codec/trees/memory.js";
import type { FrameMemory } from "#dure/codec/trees/memory.js";
import { createPacker } from "#dure/codec/codec.js";
import type { Coded } from "#dure/codec/values/program.js";
import { assertSameGraph } from "../codec/values/same-graph.ts";

/** What comes out of a ring; undefined if the message is refused. */
function through<M>(form: FrameForm<M>, message: M): M | undefined {
  const memory = frameMemory(new SharedArrayBuffer(RING_SIZE));
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

/** Room for one frame, however large. */
class Room implements FrameSpace {
  readonly limit = 1 << 28;
  memory: FrameMemory = frameMemory(new ArrayBuffer(0));

  reserve(size: number): number {
    this.memory = frameMemory(new ArrayBuffer(size + 8));
    return 8;
  }

  publish(): void {}
}

/** Never in a list, which V8 may keep in a form of its own. */
function alone(value: unknown): unknown {
  const room = new Room();
  FINISHED_FRAMES.write(room, { type: "finished", outcomes: columnsOfOutcomes([[1, true, value, false, 1]]) });
  const message = FINISHED_FRAMES.read(room.memory, 8);
  const reader = new OutcomeReader(message.type === "finished" ? message.outcomes : columnsOfOutcomes([]));
  reader.advance();
  return reader.value;
}

// The first of the file: code that V8 has optimized hides what it is about.
test("whole numbers come out of a frame as V8 keeps them: what is computed with them takes no longer", () => {
  const isSmallInteger = (value: unknown): boolean => serialize(value)[2] === "I".charCodeAt(0);
  for (const whole of [7, -8, 0, 2 ** 31 - 1, -(2 ** 31)]) ok(isSmallInteger(alone(whole)), `${whole}`);
  ok(isSmallInteger((alone({ inside: 7 }) as { inside: number }).inside));
  for (const other of [0.5, -0, 2 ** 31, NaN]) ok(Object.is(alone(other), other), `${other}`);
});

const primitive = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(undefined, null, true, false, -0, NaN, Infinity, "", "\0", "\u{1F600}", "\uD800", 2n ** 64n - 1n, -(2n ** 64n) + 1n),
  fc.string({ maxLength: 256, unit: "binary" }).filter((text) => text.length <= 256),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
);

test("tasks whose arguments are primitives come out of a frame as they went in", () => {
  const task = fc.tuple(
    fc.maxSafeNat(),
    fc.integer({ min: -1 }),
    fc.nat(),
    fc.array(primitive, { maxLength: 4 }),
    fc.constant(false),
    fc.nat(),
    fc.constantFrom(0, 0.25),
  );
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

function throughRoom(values: readonly unknown[]): unknown[] | undefined {
  const room = new Room();
  const message: FromWorker = { type: "finished", outcomes: columnsOfOutcomes(values.map((value) => [1, true, value, false, 1])) };
  if (!FINISHED_FRAMES.write(room, message)) return undefined;
  const read = FINISHED_FRAMES.read(room.memory, 8);
  return read.type === "finished" ? outcomesOf(read.outcomes).map(([, , value]) => value) : undefined;
}

const text = fc.oneof(
  fc.string({ maxLength: 100, unit: "binary" }),
  fc.string({ maxLength: 100 }),
  fc.constantFrom("é".repeat(30), "a".repeat(5_000), "\uD800".repeat(40)),
);
const buffer = fc
  .tuple(fc.constantFrom(Uint8Array, Float64Array, BigInt64Array, DataView), fc.uint8Array({ minLength: 8, maxLength: 8 }))
  .map(([View, bytes]) => new (View as Uint8ArrayConstructor)(bytes.slice().buffer));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    primitive,
    text,
    fc.date({ noInvalidDate: false }),
    buffer,
    fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.slice().buffer),
    fc.array(tie("tree"), { maxLength: 5 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom("id", "name", "7", "constructor", ""), text).filter((key) => key !== "__proto__"),
      tie("tree"),
      { maxKeys: 5, noNullPrototype: true },
    ),
    fc.array(fc.tuple(tie("tree"), tie("tree")), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie("tree"), { maxLength: 3 }).map((members) => new Set(members)),
  ),
}));

test("trees of data come out of a frame as they went in", () => {
  fc.assert(
    fc.property(fc.array(tree, { minLength: 1, maxLength: 4 }), (values) => assertSameGraph(throughRoom(values), values)),
    { numRuns: 300 },
  );
});

test("many records come out of a frame as they went in, also of several shapes", () => {
  const records = Array.from({ length: 30_000 }, (_, id) => (id % 7 === 0 ? { id, tags: ["a", "b"] } : { id, name: `record ${id}`, at: new Date(id) }));
  assertSameGraph(throughRoom([records, records.length]), [records, records.length]);
});

for (const [what, value] of [
  ["a part of a buffer", new Uint8Array(new ArrayBuffer(8), 4)],
  ["a view on shared memory", new Uint8Array(new SharedArrayBuffer(8))],
  ["a large buffer", new ArrayBuffer(5_000)],
  ["a very long string", "x".repeat(40_000)],
  ["a regular expression", /x/],
  ["a boxed number", Object(1)],
  ["an own __proto__", JSON.parse('{"__proto__": 1}')],
  ["an object of a class", new (class Point {})()],
  ["a function", () => 1],
  ["a circle", circle()],
] as const) {
  test(`a message with ${what} is none for a frame`, () => equal(throughRoom([{ inside: value }]), undefined));
}

function circle(): unknown[] {
  const array: unknown[] = [];
  array.push(array);
  return array;
}

/** As `throughRoom`, for coded values. */
function codedThroughRoom(values: readonly Coded[]): unknown[] | undefined {
  const room = new Room();
  const message: ToWorker = { type: "run", tasks: columnsOfTasks(values.map((value, id) => [2 * id, -1, 0, value, true, 1, 0.25])) };
  if (!RUN_FRAMES.write(room, message)) return undefined;
  const read = RUN_FRAMES.read(room.memory, 8);
  return read.type === "run" ? tasksOf(read.tasks).map(([, , , args]) => args) : undefined;
}

test("what coded values meet again comes out of a frame once: circles, and what their programs point at", () => {
  const met = [new Date(7), new Map([[1, 2]]), new Set([1]), new Uint8Array([1, 2]), { inside: circle() }, [1], "text"];
  const value: Coded = [{ first: met, again: [...met] }, [["instances", [met[4] as object, met[5] as object], undefined]]];
  assertSameGraph(codedThroughRoom([value, [[1], []], value]), [value, [[1], []], value]);
});

test("values of any shape come out of a frame as they went in once they are coded", () => {
  const { graph } = fc.letrec((tie) => ({
    graph: fc.oneof(
      { depthSize: "medium" },
      tree,
      fc.array(tie("graph"), { maxLength: 3 }).map((parts) => ({ parts, again: [...parts].reverse() })),
    ),
  }));
  fc.assert(
    fc.property(fc.array(graph, { minLength: 1, maxLength: 4 }), (roots) => {
      const values = roots.map((root): Coded => [root, [["put", [root], 0, 1]]]);
      assertSameGraph(codedThroughRoom(values), values);
    }),
    { numRuns: 300 },
  );
});

test("coded values that hold lists with holes, or with more than their items, are none for a frame", () => {
  const packer = createPacker({ memory: "separate", maxCaptureSize: Infinity });
  for (const odd of [new Array(3), Object.assign([1], { name: "n" })]) {
    const { value, coded } = packer.pack([odd, Symbol.iterator], "args");
    equal(coded, true);
    equal(codedThroughRoom([value as Coded]), undefined);
    equal(codedThroughRoom([[[1], []], value as Coded]), undefined);
  }
});

test("an instance of a class, an error and a symbol cross in a ring", () => {
  class Point {
    x = 1;
  }
  const packer = createPacker({ memory: "separate", maxCaptureSize: Infinity });
  for (const packed of [packer.pack([new Point(), new Point()], "args"), packer.pack([Symbol.iterator], "args"), packer.packError(new RangeError("far"))]) {
    equal(packed.coded, true);
    const message: ToWorker = { type: "run", tasks: columnsOfTasks([[1, 2, 3, packed.value, true, 1, 0.25]]) };
    assertSameGraph(through<ToWorker>(RUN_FRAMES, message), message);
  }
});

const tasks = columnsOfTasks([[1, 2, 3, [4], false, 1, 0.25]]);
const outcomes = columnsOfOutcomes([[1, true, 4, false, 0.5]]);

for (const [what, message] of [
  ["functions", { type: "run", tasks, functions: [] }],
  ["templates", { type: "run", tasks, templates: [] }],
  ["functions to forget", { type: "run", tasks, forget: [1] }],
  ["a label", { type: "run", tasks: columnsOfTasks([[1, 2, 3, [4], false, 1, 0.25, "label"]]) }],
  ["an object of a class", { type: "run", tasks: columnsOfTasks([[1, 2, 3, [/x/], false, 1, 0.25]]) }],
  ["coded arguments of an unknown class", { type: "run", tasks: columnsOfTasks([[1, 2, 3, [[/x/], []], true, 1, 0.25]]) }],
  ["more than a ring takes", { type: "run", tasks: columnsOfTasks([[1, 2, 3, ["x".repeat(LARGEST_FRAME)], false, 1, 0.25]]) }],
  ["a large bigint", { type: "run", tasks: columnsOfTasks([[1, 2, 3, [2n ** 64n], false, 1, 0.25]]) }],
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
  const memory = frameMemory(new SharedArrayBuffer(RING_SIZE));
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
