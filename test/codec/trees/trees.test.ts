// Values as they lie in memory, written by hand: what is read is what was written, and what nobody has packed is refused unless
// it is a tree of data.

import { deepEqual, equal, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { frameMemory } from "#dure/codec/trees/memory.js";
import { TreeReader } from "#dure/codec/trees/tree-reader.js";
import { LARGEST_TREE, TreeWriter } from "#dure/codec/trees/tree-writer.js";
import { assertSameGraph } from "../values/same-graph.ts";

const writer = new TreeWriter();

type Trust = Parameters<TreeWriter["writeAll"]>[2];

/** What is read of what has been written; undefined if it is refused. */
function through<T>(value: T, trust: Trust = "unseen", limit = LARGEST_TREE): T | undefined {
  if (writer.writeAll([value], limit, trust) < 0) return undefined;
  const { buffer } = new Uint8Array(writer.bytes);
  return new TreeReader(frameMemory(buffer), 0, trust === "graph").readAll(1)[0] as T;
}

const isRefused = (value: unknown): boolean => writer.writeAll([value], LARGEST_TREE, "unseen") < 0;

const primitive = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(undefined, null, true, false, -0, NaN, Infinity, "", "\0", "\u{1F600}", "\uD800", 2n ** 64n - 1n, "é".repeat(30), "x".repeat(40_000)),
  fc.string({ maxLength: 100, unit: "binary" }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
);
const key = fc
  .oneof(
    fc.string({ maxLength: 4, unit: "binary" }),
    fc.constantFrom("constructor", "toString", "0", "12", "length", '"', "\n", "\u2028", "\\", "a.b", "get", "};"),
  )
  .filter((name) => name !== "__proto__");
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    primitive,
    fc.array(tie("tree"), { maxLength: 5 }),
    fc.array(fc.double(), { maxLength: 50 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 5, noNullPrototype: true }),
    fc.date({ noInvalidDate: false }),
    fc.array(fc.tuple(primitive, tie("tree")), { maxLength: 5 }).map((entries) => new Map(entries)),
    fc.array(primitive, { maxLength: 5 }).map((members) => new Set(members)),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => new Float32Array(bytes)),
  ),
}));

/** Long lists of objects that have the same keys, but for some. */
const records = fc
  .tuple(
    fc.uniqueArray(key, { maxLength: 6 }),
    fc.array(fc.array(tree, { minLength: 6, maxLength: 6 }), { minLength: 30, maxLength: 80 }),
    fc.array(tree, { maxLength: 3 }),
  )
  .map(([keys, rows, others]) => {
    const list: unknown[] = rows.map((row) => Object.fromEntries(keys.map((name, index) => [name, row[index]])));
    for (const [index, other] of others.entries()) list.splice((index * 13) % list.length, 0, other);
    return list;
  });

test("trees and lists of records come out as they went in, looked at or not", () => {
  fc.assert(
    fc.property(fc.oneof(tree, records), (value) => {
      for (const trust of ["unseen", "tree", "graph"] as const) {
        const read = through({ value }, trust);
        // Texts that are long are for other ways.
        if (read === undefined) ok(trust !== "unseen");
        else assertSameGraph(read, { value });
      }
    }),
    { numRuns: 200 },
  );
});

test("very many records, numbers and texts come out as they went in", () => {
  const many = Array.from({ length: 20_000 }, (_, id) => ({
    id,
    name: `record ${id}`,
    price: id + 0.5,
    tags: id % 2 === 0 ? ["even"] : [],
    position: { x: -id, y: id / 3 },
  }));
  deepEqual(through(many), many);
  const numbers = Array.from({ length: 20_000 }, (_, index) => (index % 4096 === 0 ? NaN : index / 4));
  deepEqual(through(numbers), numbers);
  const texts = numbers.map((number) => `text ${number}`);
  deepEqual(through(texts), texts);
  const mixed = numbers.map((number, index) => (index % 3 === 0 ? String(number) : number));
  deepEqual(through(mixed), mixed);
});

test("bits of a number that is none are not taken for anything else", () => {
  const bits = new BigUint64Array([0x7ff8_000a_0000_0005n, 0xffff_ffff_ffff_ffffn, 0x7ff0_0000_0000_0001n]);
  const odd = [...new Float64Array(bits.buffer)];
  deepEqual(through(odd), [NaN, NaN, NaN]);
  deepEqual(through({ a: odd[0], b: odd[1], c: [odd[2], "text"] }), { a: NaN, b: NaN, c: [NaN, "text"] });
});

const repeated = Array.from({ length: 50 }, (_, id) => ({ id, inner: { id } }));
/** As JavaScript compares, each is above the one before, and so is the first above the last. */
const goingRound = ["10", "9", 9.5].map((id) => ({ id, inner: null }));
const withSymbol = { a: 1, [Symbol.for("dure.test")]: 2 };
const circular: unknown[] = [];
circular.push(circular);
const shared = new ArrayBuffer(8);
const grown = Object.assign([1, 2, 3], { name: "list" });
const REFUSED: [fact: string, value: unknown][] = [
  ["an object that is there twice", [repeated[0], repeated[0]]],
  ["a record that is there twice", [...repeated, repeated[3]]],
  ["a record that is also within another", [...repeated, { id: 1, inner: repeated[7] }]],
  [
    "a record that is there twice, in an order that goes round",
    [...goingRound, goingRound[0], ...repeated.map((_, index) => ({ id: 100 + index, inner: null }))],
  ],
  ["a circle", circular],
  ["a buffer that two views are on", [new Uint8Array(shared), new Int8Array(shared)]],
  ["a symbol as a key", withSymbol],
  ["a symbol as a key of one record", repeated.map((_, id) => (id === 40 ? { id, inner: {}, [Symbol.for("dure.test")]: 1 } : { id, inner: {} }))],
  ["a symbol", [Symbol.iterator]],
  ["a function", [() => 1]],
  ["an instance", [new (class Point {})()]],
  ["an instance among records", repeated.map((_, id) => (id === 40 ? new (class Point {})() : { id }))],
  ["an object without a prototype", Object.create(null)],
  ["an error", new Error("no")],
  ["an own __proto__", JSON.parse('{ "__proto__": 1 }')],
  ["own __proto__s of records", JSON.parse(`[${Array.from({ length: 40 }, () => '{ "__proto__": 1 }').join()}]`)],
  ["a hole", [1, , 3]], // oxlint-disable-line no-sparse-arrays
  ["a hole among records", Object.assign([...repeated], { length: 60 })],
  ["a list of a billion holes", Object.assign([], { length: 1_000_000_000 })],
  ["a named property of a list", grown],
  ["a list of a subclass", new (class Stack extends Array<number> {})(3).fill(1)],
  ["a Map with a property", Object.assign(new Map(), { a: 1 })],
  ["a Map's likeness", Object.create(Map.prototype)],
  ["a date's likeness", Object.create(Date.prototype)],
  ["a view's likeness", Object.create(Uint8Array.prototype)],
  ["a large buffer", new Uint8Array(10_000)],
  ["a part of a buffer", new Uint8Array(16).subarray(8)],
  ["memory that threads share", new Uint8Array(new SharedArrayBuffer(8))],
  ["a proxy", new Proxy({}, {})],
  [
    "arguments",
    (function () {
      return arguments;
    })(),
  ],
  ["300 levels", Array.from({ length: 300 }).reduce((inner: unknown) => [inner], 1)],
  ["a text of 10 million characters", "x".repeat(10_000_000)],
];
for (const [fact, value] of REFUSED) {
  test(`what nobody has packed is refused with ${fact}`, () => {
    ok(isRefused({ value }));
    ok(!isRefused({ value: 1 }), "the next one is written");
  });
}

interface Linked {
  readonly id: unknown;
  child: unknown;
}

/** Whether some object is met twice. */
function meetsTwice(value: unknown, met = new Set<unknown>()): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (met.has(value)) return true;
  met.add(value);
  return Object.values(value).some((inner) => meetsTwice(inner, met));
}

/** Lists of records, in some order or none, that may hold each other, or lists of others, or be there again. */
const linked = fc
  .record({
    ids: fc.array(fc.oneof(fc.integer(), fc.constantFrom("a", "b", NaN, null)), { minLength: 40, maxLength: 60 }),
    order: fc.constantFrom("none", "numbers", "texts", "until 35"),
    children: fc.array(fc.tuple(fc.nat(59), fc.oneof(fc.nat(59), fc.constantFrom("new", "of others", "of their like"))), { maxLength: 2 }),
    again: fc.array(fc.tuple(fc.nat(59), fc.nat(60)), { maxLength: 1 }),
    before: fc.option(fc.nat(59), { freq: 2 }),
    behind: fc.option(fc.nat(59), { freq: 2 }),
    other: fc.constantFrom("none", "its like", "with one of these"),
  })
  .map(({ ids, order, children, again, before, behind, other }) => {
    const ordered = ids.map((id, index) =>
      order === "texts" ? String(100 + index) : order === "none" || (order === "until 35" && index > 35) ? id : 2 * index,
    );
    const list: Linked[] = ordered.map((id) => ({ id, child: null }));
    const makeOthers = (): unknown[] => Array.from({ length: 40 }, (_, at) => ({ at }));
    const makeLike = (): Linked[] => Array.from({ length: 40 }, (_, id) => ({ id, child: null }));
    for (const [at, what] of children) {
      const child = typeof what === "number" ? list[what] : what === "new" ? { id: 1, child: 2 } : what === "of others" ? makeOthers() : makeLike();
      if (list[at] !== undefined) list[at].child = child;
    }
    const given = [...list];
    for (const [what, at] of again) if (list[what] !== undefined) given.splice(at, 0, list[what]);
    return [
      before === null ? null : list[before],
      given,
      other === "none" ? [] : [...(other === "its like" ? [] : list.slice(7, 8)), ...makeLike()],
      behind === null ? null : { behind: list[behind] },
    ];
  });

test("an object that is there twice is found wherever it is, and in whatever order records are", () => {
  fc.assert(
    fc.property(linked, (value) => equal(isRefused(value), meetsTwice(value))),
    { numRuns: 2000 },
  );
});

test("no trap of a proxy is called", () => {
  const traps = new Proxy({}, { get: (_, name) => () => ok(false, `the trap ${String(name)} is called`) });
  const proxy = new Proxy({ id: 1, inner: {} }, traps);
  ok(isRefused([proxy]));
  ok(isRefused([...repeated, proxy]));
  ok(isRefused([repeated[0], proxy, ...repeated.slice(1)]));
});

test("what getters do while they are read is seen: nothing is written that is not there", () => {
  const losing = {
    get first() {
      delete (losing as { second?: number }).second;
      return 1;
    },
    second: 2,
  } as object;
  ok(isRefused(losing));
  const growing = new Map<string, unknown>([
    [
      "a",
      {
        get more() {
          growing.set("b", 1);
          return 2;
        },
      },
    ],
  ]);
  ok(isRefused(growing));
  const set = new Set<unknown>([
    {
      get more() {
        set.add(1);
        return 2;
      },
    },
  ]);
  ok(isRefused(set));
  const list: unknown[] = [
    {
      get more() {
        list.length = 1;
        return 2;
      },
    },
    ...repeated,
  ];
  ok(isRefused(list));
  let reads = 0;
  const changing = Object.defineProperty([1, 2, 3], 0, { enumerable: true, get: () => (reads++ % 2 === 0 ? 1 : "one") });
  ok(isRefused(changing));
  ok(reads < 10);
  const among = Array.from({ length: 50 }, (_, id) => ({ id, last: id }));
  Object.defineProperty(among[40], "id", {
    enumerable: true,
    get() {
      delete (this as { last?: number }).last;
      return 1;
    },
  });
  ok(isRefused(among));
  const counting = Array.from({ length: 50 }, (_, id) => ({
    get id() {
      return id;
    },
  }));
  deepEqual(
    through(counting),
    counting.map(({ id }) => ({ id })),
  );
});

test("more than the limit is refused, whatever it is", () => {
  for (const value of [
    repeated,
    Array.from({ length: 50 }, (_, index) => index),
    "text".repeat(100),
    new Map(repeated.map((one) => [one.id, one])),
    new Uint8Array(400),
  ]) {
    equal(through({ value }, "unseen", 256), undefined);
    equal(through({ value }, "tree", 256), undefined);
  }
});

test("where no code may be made of text, records come out all the same", () => {
  const program = fileURLToPath(new URL("./fixtures/without-code.js", import.meta.url));
  const flags = ["--disallow-code-generation-from-strings", "--conditions=dure-modules"];
  deepEqual(JSON.parse(execFileSync(process.execPath, [...flags, program], { encoding: "utf8" })), { threads: 5000, processes: 5000 });
});
